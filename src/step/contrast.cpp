#include "step/contrast.hpp"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace nicohort {

namespace {

// Without a branch, for many at once.
std::uint32_t count_not_finite(std::span<const float> values) {
  constexpr std::int32_t infinite = 0x7f800000, sign = std::numeric_limits<std::int32_t>::min();
  std::uint32_t count = 0;
  for (float value : values) count += (std::bit_cast<std::int32_t>(value) & ~sign) >= infinite;
  return count;
}

}  // namespace

void Contrast::feed(std::span<const float> values) {
  if (!always_finite_) not_finite_ += count_not_finite(values);
  for (float value : values) {
    if (has_other_) return;  // nothing else is asked
    if (!std::isfinite(value)) continue;
    if (!value_)
      value_ = value;
    else
      has_other_ = value != *value_;
  }
}

std::string Contrast::flaw() const {
  if (has_other_) return "";
  if (!value_) return "no value that is a finite number in float32; export it again";
  return fmt::format("the value {} in all voxels{}; export it again", *value_ + 0,  // no -0
                     not_finite_ > 0 ? " that have a finite one" : "");
}

}  // namespace nicohort
