#include "step/threshold.hpp"

#include <algorithm>

namespace nicohort {

OutsideWindow::OutsideWindow(const BinaryMask& where, Window window)
    : where_(where), window_(window), outside_(where.size()) {}

void OutsideWindow::feed(std::span<const float> values) {
  const std::int64_t width = where_.size().x;
  auto is_outside = [this](float value) {
    return !(value >= window_.low && value <= window_.high);
  };
  while (!values.empty()) {
    // The part of the row that these values cover.
    std::int64_t end = std::min<std::int64_t>(width, x_ + values.size());
    for (; next_ < where_.row_start(row_ + 1) && where_.runs()[next_].begin < end; ++next_) {
      const Run& run = where_.runs()[next_];
      std::int64_t stop = std::min<std::int64_t>(run.end, end);
      for (std::int64_t x = std::max<std::int64_t>(run.begin, x_); x < stop;) {
        std::int64_t begin = x;
        while (x < stop && is_outside(values[x - x_])) ++x;
        if (x > begin)
          outside_.add({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(x)});
        else
          ++x;
      }
      if (run.end > end) break;  // the rest of the run comes with the next values
    }
    values = values.subspan(end - x_);
    x_ = end;
    if (x_ == width) {
      outside_.end_row();
      x_ = 0;
      ++row_;
    }
  }
}

BinaryMask OutsideWindow::finish() {
  return std::move(outside_);
}

}  // namespace nicohort
