#include "step/measure.hpp"

namespace nicohort {

std::vector<MeasuredRegion> small_regions(const LabelMask& mask, std::uint8_t label,
                                          const Geometry& geometry,
                                          const SmallerThan& smaller_than) {
  const auto& spacing = geometry.spacing;
  const double voxel_volume = spacing[0] * spacing[1] * spacing[2];
  std::vector<MeasuredRegion> small;
  for (const Region& region : find_regions(mask, label)) {
    double volume = region.voxels * voxel_volume;
    const double measure =
        smaller_than.unit == SmallerThan::Unit::voxels ? double(region.voxels) : volume;
    if (!(measure < smaller_than.amount)) continue;
    const auto& [x, y, z] = region.centre;
    Eigen::Vector4d world = geometry.affine * Eigen::Vector4d(x, y, z, 1);
    small.push_back({region.voxels, volume, region.centre, {world[0], world[1], world[2]}});
  }
  return small;
}

}  // namespace nicohort
