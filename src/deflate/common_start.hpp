// Compares what matches.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace nicohort {

// How many elements a and b have in common from their beginnings, `most` at most; both must be
// readable for eight bytes beyond that.
template <class T>
std::size_t common_start(const T* a, const T* b, std::size_t most) {
  constexpr std::size_t in_word = sizeof(std::uint64_t) / sizeof(T);
  std::size_t common = 0;
  for (; common < most; common += in_word) {
    std::uint64_t x, y;
    std::memcpy(&x, a + common, sizeof x);
    std::memcpy(&y, b + common, sizeof y);
    if (x != y) {
      common += std::size_t(std::countr_zero(x ^ y)) / (8 * sizeof(T));
      break;
    }
  }
  return common < most ? common : most;
}

}  // namespace nicohort
