// An interval of a volume's values.
#pragma once

namespace nicohort {

struct Window {
  double low = -140, high = 1000;  // in the volume's unit, both inclusive
  bool contains(float value) const { return value >= low && value <= high; }  // NaN is not within
  bool operator==(const Window&) const = default;
};

}  // namespace nicohort
