#include "mask/components.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

using Voxel = std::array<std::int64_t, 3>;

// The component of a voxel, by flooding; `depth` is how far neighbours reach in z.
std::vector<Voxel> flood(Dense& mask, Voxel seed, int depth) {
  std::vector<Voxel> found{seed};
  mask.at(seed[0], seed[1], seed[2]) = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [cx, cy, cz] = found[i];
    for (std::int64_t z = cz - depth; z <= cz + depth; ++z) {
      for (std::int64_t y = cy - 1; y <= cy + 1; ++y) {
        for (std::int64_t x = cx - 1; x <= cx + 1; ++x) {
          if (!mask.inside(x, y, z) || mask.at(x, y, z) == 0) continue;
          mask.at(x, y, z) = 0;
          found.push_back({x, y, z});
        }
      }
    }
  }
  return found;
}

std::vector<std::vector<Voxel>> flood_all(Dense mask, int depth) {
  std::vector<std::vector<Voxel>> components;
  for_each_voxel(mask.size, [&](auto x, auto y, auto z) {
    if (mask.at(x, y, z)) components.push_back(flood(mask, {x, y, z}, depth));
  });
  return components;
}

RC_GTEST_PROP(FindRegions, equals_flooding_with_26_neighbours, ()) {
  const Dense dense = random_dense(random_size(), 1);
  std::map<Voxel, std::vector<Voxel>> expected;  // by first voxel, x slowest and z fastest
  for (auto& component : flood_all(dense, 1)) {
    std::sort(component.begin(), component.end());
    expected[component.front()] = component;
  }
  const std::vector<Region> regions = find_regions(to_binary(dense));
  RC_ASSERT(regions.size() == expected.size());
  std::size_t i = 0;
  for (const auto& [first, voxels] : expected) {
    const Region& region = regions[i++];
    RC_ASSERT(region.first == first);
    RC_ASSERT(region.voxels == std::int64_t(voxels.size()));
    for (int axis = 0; axis < 3; ++axis) {
      double sum = 0;
      for (const Voxel& voxel : voxels) sum += double(voxel[axis]);
      RC_ASSERT(region.centre[axis] == sum / double(voxels.size()));
    }
  }
}

RC_GTEST_PROP(SplitSmallInSlices, equals_flooding_with_8_neighbours_in_every_slice, ()) {
  const Dense dense = random_dense(random_size(), 1);
  const double voxel_area = *rc::gen::element(1.0, 0.64, 0.7 * 0.7, 4.0);
  // Thresholds that some area hits exactly show that small is strictly below.
  const double thresh = random_in(0, 30) * voxel_area;
  Dense small(dense.size), large(dense.size);
  for (const auto& component : flood_all(dense, 0)) {
    const bool is_small = double(component.size()) * voxel_area < thresh;
    for (const auto& [x, y, z] : component) (is_small ? small : large).at(x, y, z) = 1;
  }
  const SmallSplit split = split_small_in_slices(to_binary(dense), voxel_area, thresh);
  RC_ASSERT(split.small == to_binary(small));
  RC_ASSERT(split.large == to_binary(large));
}

TEST(FindRegions, rows_as_long_as_nifti_allows) {
  const std::uint32_t width = 0x7fffffff;
  BinaryMask mask({width, 2, 9});
  for (int row = 0; row < 18; ++row) {
    mask.add({0, width});
    mask.end_row();
  }
  const std::vector<Region> regions = find_regions(mask);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0].voxels, 18 * std::int64_t(width));
  EXPECT_EQ(regions[0].centre, (std::array<double, 3>{1073741823.0, 0.5, 4.0}));
  EXPECT_EQ(regions[0].first, (Voxel{0, 0, 0}));
}

TEST(FindRegions, orders_by_first_voxel_with_x_slowest) {
  BinaryMask mask({5, 1, 2});
  mask.add({3, 5});
  mask.end_row();
  mask.add({0, 1});
  mask.end_row();
  const std::vector<Region> regions = find_regions(mask);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].first, (Voxel{0, 0, 1}));
  EXPECT_EQ(regions[1].first, (Voxel{3, 0, 0}));
}

}  // namespace
}  // namespace nicohort
