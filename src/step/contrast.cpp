#include "step/contrast.hpp"

#include <fmt/format.h>

#include <cmath>

namespace nicohort {

void Contrast::feed(std::span<const float> values) {
  for (float value : values) {
    if (has_other_) return;  // nothing else is asked
    if (!std::isfinite(value))
      has_not_finite_ = true;
    else if (!value_)
      value_ = value;
    else
      has_other_ = value != *value_;
  }
}

std::string Contrast::flaw() const {
  if (has_other_) return "";
  if (!value_) return "no value that is a finite number; export it again";
  return fmt::format("the value {} in all voxels{}; export it again", *value_ + 0,  // no -0
                     has_not_finite_ ? " that have a finite one" : "");
}

}  // namespace nicohort
