#include "step/nonzero_box.hpp"

#include <algorithm>
#include <bit>

namespace nicohort {
namespace {

constexpr std::ptrdiff_t block = 64;  // values that are looked at as one

std::uint32_t bits_but_sign(float value) {
  return std::bit_cast<std::uint32_t>(value) << 1;
}

bool is_zero(std::span<const float> values) {
  std::uint32_t bits = 0;
  for (float value : values) bits |= bits_but_sign(value);
  return bits == 0;
}

// Their number where all are 0.
std::ptrdiff_t first_nonzero(std::span<const float> values) {
  std::ptrdiff_t i = 0;
  while (i + block <= std::ssize(values) && is_zero(values.subspan(i, block))) i += block;
  while (i < std::ssize(values) && bits_but_sign(values[i]) == 0) ++i;
  return i;
}

// One behind the last; 0 where all are 0.
std::ptrdiff_t nonzero_end(std::span<const float> values) {
  std::ptrdiff_t end = std::ssize(values);
  while (end >= block && is_zero(values.subspan(end - block, block))) end -= block;
  while (end > 0 && bits_but_sign(values[end - 1]) == 0) --end;
  return end;
}

}  // namespace

void NonzeroBox::feed(std::span<const float> values) {
  while (!values.empty()) {
    const auto count = std::min<std::int64_t>(size_.x - x_, std::ssize(values));
    look(values.first(count));
    values = values.subspan(count);
    x_ += count;
    if (x_ < size_.x) continue;
    x_ = 0;
    row_ = (row_ + 1) % size_.rows();
  }
}

void NonzeroBox::look(std::span<const float> values) {
  const std::int64_t y = row_ % size_.y, z = row_ / size_.y, count = std::ssize(values);
  std::array<std::int64_t, 3>&begin = box_.begin, &end = box_.end;
  const bool is_in_box = y >= begin[1] && y < end[1] && z >= begin[2] && z < end[2];
  // Of a row that is in the box only what is on its left and right can make it larger.
  const std::int64_t left = is_in_box ? std::clamp<std::int64_t>(begin[0] - x_, 0, count) : count,
                     right = is_in_box ? std::clamp<std::int64_t>(end[0] - x_, 0, count) : 0;
  const std::int64_t first = first_nonzero(values.first(left)),
                     last = right + nonzero_end(values.subspan(right));
  if (first == left && last == right) return;
  const bool is_first = end[0] == 0;
  const auto extend = [&](int axis, std::int64_t from, std::int64_t to) {
    begin[axis] = is_first ? from : std::min(begin[axis], from);
    end[axis] = is_first ? to : std::max(end[axis], to);
  };
  extend(0, first < left ? x_ + first : begin[0], last > right ? x_ + last : end[0]);
  extend(1, y, y + 1);
  extend(2, z, z + 1);
}

VoxelBox NonzeroBox::box() const {
  if (box_.end[0] > 0) return box_;
  return {{}, {size_.x, size_.y, size_.z}};
}

}  // namespace nicohort
