// Connected components: two-pass union-find (Rosenfeld and Pfaltz, Sequential Operations in Digital
// Picture Processing, JACM 1966) on runs instead of voxels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "mask/run_mask.hpp"

namespace nicohort {

// A 3-D component, 26-connected.
struct Region {
  std::int64_t voxels = 0;
  std::array<double, 3> centre{};       // mean voxel index, x y z: the exact sum, divided once
  std::array<std::int64_t, 3> first{};  // the voxel that comes first with x slowest and z fastest
};
// All components, in the order of `first`. Throws BadInput from 2^32 runs on.
std::vector<Region> find_regions(const BinaryMask& mask);

// Splits every slice (fixed z) into its 8-connected components with fewer than `area_thresh` mm²
// (voxels × voxel_area mm², strictly below) and the rest. Throws BadInput from 2^32 runs on.
struct SmallSplit {
  BinaryMask small, large;
};
SmallSplit split_small_in_slices(const BinaryMask& mask, double voxel_area, double area_thresh);

}  // namespace nicohort
