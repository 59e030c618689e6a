// The value at a place between two neighbours in ascending order.
#pragma once

#include <algorithm>
#include <cstdint>

namespace nicohort {

// As numpy.percentile(method="linear") computes it. at(place): the value at a place in ascending
// order, of `count` values.
template <class At>
double percentile(double percent, std::int64_t count, At&& at) {
  const double place = percent / 100 * static_cast<double>(count - 1);
  const auto below = static_cast<std::int64_t>(place);
  const double a = at(below), b = at(std::min(below + 1, count - 1)),
               t = place - static_cast<double>(below);
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

}  // namespace nicohort
