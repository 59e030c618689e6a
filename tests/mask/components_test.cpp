#include "mask/components.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

using Voxel = std::array<std::int64_t, 3>;

// Whether a step of one voxel in some of the directions leads to a neighbour.
bool are_neighbours(Connectivity connectivity, std::int64_t x, std::int64_t y, std::int64_t z) {
  const auto axes = (x != 0) + (y != 0) + (z != 0);
  switch (connectivity) {
    case Connectivity::slice_4:
      return z == 0 && axes == 1;
    case Connectivity::slice_8:
      return z == 0;
    case Connectivity::space_6:
      return axes == 1;
    default:
      return true;
  }
}

// The component of a voxel, by flooding.
std::vector<Voxel> flood(Dense& mask, Voxel seed, Connectivity connectivity) {
  std::vector<Voxel> found{seed};
  mask.at(seed[0], seed[1], seed[2]) = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto [cx, cy, cz] = found[i];
    for_each_voxel({3, 3, 3}, [&, x0 = cx, y0 = cy, z0 = cz](auto dx, auto dy, auto dz) {
      const auto x = x0 + dx - 1, y = y0 + dy - 1, z = z0 + dz - 1;
      if (!are_neighbours(connectivity, dx - 1, dy - 1, dz - 1)) return;
      if (!mask.inside(x, y, z) || mask.at(x, y, z) == 0) return;
      mask.at(x, y, z) = 0;
      found.push_back({x, y, z});
    });
  }
  return found;
}

std::vector<std::vector<Voxel>> flood_all(Dense mask, Connectivity connectivity) {
  std::vector<std::vector<Voxel>> components;
  for_each_voxel(mask.size, [&](auto x, auto y, auto z) {
    if (mask.at(x, y, z)) components.push_back(flood(mask, {x, y, z}, connectivity));
  });
  return components;
}

RC_GTEST_PROP(FindRegions, equals_flooding_with_26_neighbours, ()) {
  const Dense dense = random_dense(random_size(), 1);
  std::map<Voxel, std::vector<Voxel>> expected;  // by first voxel, x slowest and z fastest
  for (auto& component : flood_all(dense, Connectivity::space_26)) {
    std::sort(component.begin(), component.end());
    expected[component.front()] = component;
  }
  const std::vector<Region> regions = find_regions(to_labels(dense), 1);
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

RC_GTEST_PROP(SplitSmall, equals_flooding_with_each_kind_of_neighbours, ()) {
  const Dense dense = random_dense(random_size(), 1);
  const auto connectivity = *rc::gen::element(Connectivity::slice_4, Connectivity::slice_8,
                                              Connectivity::space_6, Connectivity::space_26);
  const double voxel_size = *rc::gen::element(1.0, 0.64, 0.7 * 0.7, 4.0);
  // Thresholds that some size hits exactly show that small is strictly below.
  const double thresh = random_in(0, 30) * voxel_size;
  Dense small(dense.size), large(dense.size);
  for (const auto& component : flood_all(dense, connectivity)) {
    const bool is_small = double(component.size()) * voxel_size < thresh;
    for (const auto& [x, y, z] : component) (is_small ? small : large).at(x, y, z) = 1;
  }
  const SmallSplit split = split_small(to_binary(dense), connectivity, voxel_size, thresh);
  RC_ASSERT(split.small == to_binary(small));
  RC_ASSERT(split.large == to_binary(large));
}

RC_GTEST_PROP(LargestComponent, is_the_one_with_most_voxels_and_the_first_on_a_tie, ()) {
  const Dense dense = random_dense(random_size(), 1);
  auto components = flood_all(dense, Connectivity::space_6);
  Dense expected(dense.size);
  for (auto& component : components) std::sort(component.begin(), component.end());
  std::sort(components.begin(), components.end());  // by their first voxels, x slowest
  const auto largest = std::max_element(
      components.begin(), components.end(),
      [](const auto& one, const auto& other) { return one.size() < other.size(); });
  if (largest != components.end())
    for (const auto& [x, y, z] : *largest) expected.at(x, y, z) = 1;
  RC_ASSERT(largest_component(to_binary(dense)) == to_binary(expected));
}

TEST(FindRegions, rows_as_long_as_nifti_allows) {
  const std::uint32_t width = 0x7fffffff;
  LabelMask mask({width, 2, 9});
  for (int row = 0; row < 18; ++row) {
    mask.add({0, width, 1});
    mask.end_row();
  }
  const std::vector<Region> regions = find_regions(mask, 1);
  ASSERT_EQ(regions.size(), 1u);
  EXPECT_EQ(regions[0].voxels, 18 * std::int64_t(width));
  EXPECT_EQ(regions[0].centre, (std::array<double, 3>{1073741823.0, 0.5, 4.0}));
  EXPECT_EQ(regions[0].first, (Voxel{0, 0, 0}));
}

TEST(FindRegions, orders_by_first_voxel_with_x_slowest) {
  LabelMask mask({5, 1, 2});
  mask.add({3, 5, 1});
  mask.end_row();
  mask.add({0, 1, 1});
  mask.end_row();
  const std::vector<Region> regions = find_regions(mask, 1);
  ASSERT_EQ(regions.size(), 2u);
  EXPECT_EQ(regions[0].first, (Voxel{0, 0, 1}));
  EXPECT_EQ(regions[1].first, (Voxel{3, 0, 0}));
}

}  // namespace
}  // namespace nicohort
