// Measuring the connected regions of a binary mask.
#pragma once

#include <array>
#include <vector>

#include "image/geometry.hpp"
#include "mask/operations.hpp"
#include "step/size.hpp"

namespace nicohort {

struct MeasuredRegion {
  std::int64_t voxels = 0;
  double volume = 0;                  // mm³
  std::array<double, 3> centre{};     // mean voxel index
  std::array<double, 3> centre_mm{};  // the same in world coordinates
};

// Regions (26-connected) of a label that are smaller, in the order of their first voxel, x slowest.
std::vector<MeasuredRegion> small_regions(const LabelMask& mask, std::uint8_t label,
                                          const Geometry& geometry,
                                          const SmallerThan& smaller_than);

}  // namespace nicohort
