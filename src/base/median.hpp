#pragma once

#include <algorithm>
#include <vector>

namespace nicohort {

// Of an even number of values the mean of the two in the middle. There must be one.
inline double median_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace nicohort
