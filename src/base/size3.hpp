// The size of an image.
#pragma once

#include <cstdint>

namespace nicohort {

// Voxels in x, y, z; x is the fastest in memory (NIfTI-1 standard, "dim").
struct Size3 {
  std::int64_t x = 0, y = 0, z = 0;
  std::int64_t voxels() const { return x * y * z; }
  std::int64_t rows() const { return y * z; }
  bool operator==(const Size3&) const = default;
};

}  // namespace nicohort
