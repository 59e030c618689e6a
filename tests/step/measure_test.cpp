#include "step/measure.hpp"

#include <gtest/gtest.h>

#include "mask/dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

// LAS, 0.5×0.5×4 mm: a voxel is 1 mm³.
Geometry a_geometry(Size3 size) {
  Geometry geometry;
  geometry.size = size;
  geometry.spacing = {0.5, 0.5, 4};
  geometry.affine.diagonal() << -0.5, 0.5, 4, 1;
  geometry.affine.topRightCorner<3, 1>() << 100, -50, 10;
  return geometry;
}

SmallerThan mm3(double amount) {
  return {amount, SmallerThan::Unit::mm, 3};
}

TEST(Spec4SmallConnectedRegions, volume_and_centre) {
  Dense mask({10, 10, 5});
  for (const auto& [x, y, z] : {std::array{2, 3, 1}, std::array{3, 3, 1}, std::array{3, 4, 2}})
    mask.at(x, y, z) = 1;
  const auto regions = small_regions(to_labels(mask), 1, a_geometry(mask.size), mm3(300));
  ASSERT_EQ(regions.size(), 1u) << "26-connected: corners touch";
  EXPECT_EQ(regions[0].voxels, 3);
  EXPECT_DOUBLE_EQ(regions[0].volume, 3);
  const std::array<double, 3> centre{8.0 / 3, 10.0 / 3, 4.0 / 3};
  for (int axis = 0; axis < 3; ++axis) EXPECT_DOUBLE_EQ(regions[0].centre[axis], centre[axis]);
  EXPECT_DOUBLE_EQ(regions[0].centre_mm[0], 100 - 0.5 * centre[0]);
  EXPECT_DOUBLE_EQ(regions[0].centre_mm[1], -50 + 0.5 * centre[1]);
  EXPECT_DOUBLE_EQ(regions[0].centre_mm[2], 10 + 4 * centre[2]);
}

TEST(Spec4SmallConnectedRegions, only_those_below_the_threshold) {
  Dense mask({20, 1, 1});
  for (int x : {0, 1, 2, 5, 6, 10}) mask.at(x, 0, 0) = 1;
  const auto volumes = [&](double thresh) {
    std::vector<double> found;
    for (const auto& region : small_regions(to_labels(mask), 1, a_geometry(mask.size), mm3(thresh)))
      found.push_back(region.volume);
    return found;
  };
  EXPECT_EQ(volumes(4), (std::vector<double>{3, 2, 1}));
  EXPECT_EQ(volumes(3), (std::vector<double>{2, 1})) << "3 mm³ is not below 3 mm³";
  EXPECT_EQ(volumes(0), std::vector<double>{});
}

TEST(Spec5ListSmall, sizes_in_voxels_do_not_look_at_the_spacing) {
  Dense mask({20, 1, 1});
  for (int x : {0, 1, 2, 5, 6, 10}) mask.at(x, 0, 0) = 1;
  Geometry large = a_geometry(mask.size);
  large.spacing = {10, 10, 10};
  EXPECT_EQ(small_regions(to_labels(mask), 1, large, {3, SmallerThan::Unit::voxels, 3}).size(), 2u);
}

TEST(Spec4SmallConnectedRegions, in_the_order_of_their_first_voxel_with_x_slowest) {
  Dense mask({5, 5, 5});
  for (const auto& [x, y, z] : {std::array{4, 0, 0}, std::array{0, 0, 4}, std::array{0, 4, 0},
                                std::array{2, 2, 2}, std::array{0, 0, 0}})
    mask.at(x, y, z) = 1;
  std::vector<std::array<double, 3>> centres;
  for (const auto& region : small_regions(to_labels(mask), 1, a_geometry(mask.size), mm3(300)))
    centres.push_back(region.centre);
  EXPECT_EQ(centres, (std::vector<std::array<double, 3>>{
                         {0, 0, 0}, {0, 0, 4}, {0, 4, 0}, {2, 2, 2}, {4, 0, 0}}));
}

}  // namespace
}  // namespace nicohort
