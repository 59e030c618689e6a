// The box of what is in a volume, found while it streams past.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/size3.hpp"

namespace nicohort {

// Voxels begin <= index < end of each axis.
struct VoxelBox {
  std::array<std::int64_t, 3> begin{}, end{};
  bool operator==(const VoxelBox&) const = default;
};

// The smallest box with all voxels that are not 0 in any channel (NaN is not 0). Takes the channels
// one after the other, in memory order, in pieces of any size.
class NonzeroBox {
 public:
  explicit NonzeroBox(const Size3& size) : size_(size) {}
  void feed(std::span<const float> values);
  // The whole volume where all of it is 0.
  VoxelBox box() const;

 private:
  void look(std::span<const float> values);  // of the row at hand, from x_

  Size3 size_;
  std::int64_t x_ = 0, row_ = 0;  // of the next value
  VoxelBox box_;                  // empty: nothing yet
};

}  // namespace nicohort
