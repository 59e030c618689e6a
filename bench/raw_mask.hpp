// A mask for the kernels' benchmarks: a file of bytes 0 and 1, x fastest, and no header.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

struct RawMask {
  std::int64_t x, y, z;
  std::vector<std::uint8_t> voxels;
};

// From the arguments FILE X Y Z. Throws std::runtime_error.
inline RawMask read_raw_mask(char** arguments) {
  RawMask mask{std::atoll(arguments[1]), std::atoll(arguments[2]), std::atoll(arguments[3]), {}};
  mask.voxels.resize(mask.x * mask.y * mask.z);
  std::ifstream file(arguments[0], std::ios::binary);
  file.read(reinterpret_cast<char*>(mask.voxels.data()), std::streamsize(mask.voxels.size()));
  if (!file || file.peek() != std::ifstream::traits_type::eof())
    throw std::runtime_error(std::string(arguments[0]) + ": not a mask of this size");
  return mask;
}
