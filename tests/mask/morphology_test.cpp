#include "mask/morphology.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"
#include "mask/components.hpp"
#include "mask/sets.hpp"

namespace nicohort {
namespace {

using namespace testing;

// Every place where the rectangle fits, painted.
Dense open_plainly(const Dense& mask, int kx, int ky) {
  Dense opened(mask.size);
  for_each_voxel(mask.size, [&](auto x0, auto y0, auto z) {
    const Size3 rectangle{kx, ky, 1};
    bool fits = true;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      fits = fits && mask.inside(x0 + x, y0 + y, z) && mask.at(x0 + x, y0 + y, z);
    });
    if (!fits) return;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) { opened.at(x0 + x, y0 + y, z) = 1; });
  });
  return opened;
}

RC_GTEST_PROP(OpenSlices, is_the_union_of_the_rectangles_that_fit, ()) {
  const Dense dense = random_dense(random_size(), 1);
  const int kx = random_in(1, 15), ky = random_in(1, 15);
  RC_ASSERT(open_slices(to_binary(dense), kx, ky) == to_binary(open_plainly(dense, kx, ky)));
}

// SPEC 4, step 3: opening only the small regions is the small part of opening everything.
RC_GTEST_PROP(OpenSlices, commutes_with_taking_the_small_regions, ()) {
  const BinaryMask mask = to_binary(random_dense(random_size(), 1));
  const int kx = random_in(1, 6), ky = random_in(1, 6);
  const auto [small, large] = split_small(mask, Connectivity::slice_8, 1, random_in(1, 40));
  const BinaryMask opened = open_slices(mask, kx, ky);
  RC_ASSERT(open_slices(small, kx, ky) == subtract(opened, large));
}

// As scipy does it: the rectangle's centre is the voxel size / 2 of it, rounded down; the dilation
// is looked at inside the image only, and outside it is 0.
Dense close_plainly(const Dense& mask, int kx, int ky) {
  const Size3 rectangle{kx, ky, 1};
  Dense dilated(mask.size);
  for_each_voxel(mask.size, [&](auto x0, auto y0, auto z) {
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      const auto from_x = x0 - (x - kx / 2), from_y = y0 - (y - ky / 2);
      if (mask.inside(from_x, from_y, z) && mask.at(from_x, from_y, z)) dilated.at(x0, y0, z) = 1;
    });
  });
  return where(mask.size, [&](auto x0, auto y0, auto z) {
    bool fits = true;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      const auto to_x = x0 + (x - kx / 2), to_y = y0 + (y - ky / 2);
      fits = fits && mask.inside(to_x, to_y, z) && dilated.at(to_x, to_y, z);
    });
    return fits;
  });
}

RC_GTEST_PROP(CloseSlices, dilates_and_erodes_by_the_rectangle, ()) {
  const Dense dense = random_dense(random_size(), 1);
  const int kx = random_in(1, 12), ky = random_in(1, 12);
  RC_ASSERT(close_slices(to_binary(dense), kx, ky) == to_binary(close_plainly(dense, kx, ky)));
}

TEST(OpenSlices, one_by_one_changes_nothing) {
  BinaryMask mask({9, 2, 1});
  mask.add({2, 3});
  mask.add({5, 9});
  mask.end_row();
  mask.end_row();
  EXPECT_EQ(open_slices(mask, 1, 1), mask);
}

TEST(OpenSlices, rows_as_long_as_nifti_allows) {
  const std::uint32_t width = 0x7fffffff;
  BinaryMask mask({width, 3, 1});
  for (int row = 0; row < 3; ++row) {
    mask.add({0, 4});
    mask.add({7, width});
    mask.end_row();
  }
  BinaryMask expected({width, 3, 1});
  for (int row = 0; row < 3; ++row) {
    expected.add({7, width});
    expected.end_row();
  }
  EXPECT_EQ(open_slices(mask, 5, 3), expected);
  EXPECT_EQ(open_slices(mask, 5, 4).runs().size(), 0u);
}

}  // namespace
}  // namespace nicohort
