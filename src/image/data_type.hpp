// The element types of images (NIfTI-1 standard, "datatype").
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace nicohort {

// The ten integer and real types, by their NIfTI codes.
enum class DataType : std::int16_t {
  uint8 = 2,
  int16 = 4,
  int32 = 8,
  float32 = 16,
  float64 = 64,
  int8 = 256,
  uint16 = 512,
  uint32 = 768,
  int64 = 1024,
  uint64 = 1280,
};

// Calls `use` with std::type_identity<T>, T being the C++ type of the elements.
template <class Use>
decltype(auto) with_type(DataType type, Use&& use) {
  switch (type) {
    case DataType::uint8:
      return use(std::type_identity<std::uint8_t>{});
    case DataType::int16:
      return use(std::type_identity<std::int16_t>{});
    case DataType::int32:
      return use(std::type_identity<std::int32_t>{});
    case DataType::float32:
      return use(std::type_identity<float>{});
    case DataType::float64:
      return use(std::type_identity<double>{});
    case DataType::int8:
      return use(std::type_identity<std::int8_t>{});
    case DataType::uint16:
      return use(std::type_identity<std::uint16_t>{});
    case DataType::uint32:
      return use(std::type_identity<std::uint32_t>{});
    case DataType::int64:
      return use(std::type_identity<std::int64_t>{});
    case DataType::uint64:
      break;
  }
  return use(std::type_identity<std::uint64_t>{});
}

std::string_view name(DataType type);  // `int16`, as numpy says it
std::size_t bytes_of(DataType type);
inline bool is_integer(DataType type) {
  return type != DataType::float32 && type != DataType::float64;
}

}  // namespace nicohort
