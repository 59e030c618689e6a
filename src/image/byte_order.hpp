// Numbers stored in the other byte order than this machine's.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace nicohort {

static_assert(std::endian::native == std::endian::little, "images are written little-endian");

// The number whose bytes are `value`'s in reverse; of a float too, whatever its bits.
template <class T>
T byte_swapped(T value) {
  if constexpr (sizeof(T) == 1) {
    return value;
  } else if constexpr (sizeof(T) == 2) {
    return std::bit_cast<T>(__builtin_bswap16(std::bit_cast<std::uint16_t>(value)));
  } else if constexpr (sizeof(T) == 4) {
    return std::bit_cast<T>(__builtin_bswap32(std::bit_cast<std::uint32_t>(value)));
  } else {
    static_assert(sizeof(T) == 8);
    return std::bit_cast<T>(__builtin_bswap64(std::bit_cast<std::uint64_t>(value)));
  }
}

}  // namespace nicohort
