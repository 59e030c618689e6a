#include "image/data_type.hpp"

namespace nicohort {

std::string_view name(DataType type) {
  switch (type) {
    case DataType::uint8:
      return "uint8";
    case DataType::int16:
      return "int16";
    case DataType::int32:
      return "int32";
    case DataType::float32:
      return "float32";
    case DataType::float64:
      return "float64";
    case DataType::int8:
      return "int8";
    case DataType::uint16:
      return "uint16";
    case DataType::uint32:
      return "uint32";
    case DataType::int64:
      return "int64";
    case DataType::uint64:
      break;
  }
  return "uint64";
}

std::size_t bytes_of(DataType type) {
  return with_type(type, []<class T>(std::type_identity<T>) { return sizeof(T); });
}

}  // namespace nicohort
