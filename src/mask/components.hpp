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
// All components of the voxels with this label (0: the background), in the order of `first`. Uses
// as many threads as the command has, and memory for the components, not for the voxels. Throws
// BadInput from 2^32 runs on in a part of the mask.
std::vector<Region> find_regions(const LabelMask& mask, std::uint8_t label);

// Which voxels are neighbours: in a slice (fixed z) or in space, by their faces only or at edges
// and corners, too.
enum class Connectivity { slice_4, slice_8, space_6, space_26 };

// Splits a mask into its components of a size (voxels × voxel_size) strictly below `smaller_than`,
// in the same unit, and the rest. Throws BadInput from 2^32 runs on.
struct SmallSplit {
  BinaryMask small, large;
};
SmallSplit split_small(const BinaryMask& mask, Connectivity connectivity, double voxel_size,
                       double smaller_than);

// The 6-connected component with most voxels; on a tie the one whose first voxel comes first, with
// x slowest and z fastest. Throws BadInput from 2^32 runs on.
BinaryMask largest_component(const BinaryMask& mask);

}  // namespace nicohort
