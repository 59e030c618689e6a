#include "step/outside_window.hpp"

namespace nicohort {

OutsideWindow::OutsideWindow(const BinaryMask& where, Window window)
    : walk_(where), window_(window), outside_(where.size()) {}

void OutsideWindow::feed(std::span<const float> values) {
  auto is_outside = [this](float value) { return !window_.contains(value); };
  walk_.feed(values, [&](std::int64_t row, std::int64_t x, std::span<const float> run) {
    outside_.go_to(row);
    for (std::size_t i = 0; i < run.size();) {
      const std::size_t begin = i;
      while (i < run.size() && is_outside(run[i])) ++i;
      if (i > begin)
        outside_.add({static_cast<std::uint32_t>(x + begin), static_cast<std::uint32_t>(x + i)});
      else
        ++i;
    }
  });
}

BinaryMask OutsideWindow::finish() {
  return std::move(outside_);
}

}  // namespace nicohort
