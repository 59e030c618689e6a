#include "step/outside_window.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>

#include "mask/dense.hpp"
#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

BinaryMask outside(const BinaryMask& where, Window window, std::vector<float> values) {
  OutsideWindow finder(where, window);
  finder.feed(values);
  return finder.finish();
}

// A mask of one row.
BinaryMask row_mask(std::int64_t width, const std::vector<Run>& runs) {
  BinaryMask mask({width, 1, 1});
  for (const Run& run : runs) mask.add(run);
  mask.end_row();
  return mask;
}

TEST(Spec4MaskThresholding, both_limits_are_within) {
  const BinaryMask all = row_mask(6, {{0, 6}});
  EXPECT_EQ(outside(all, {-140, 1000},
                    {-140, 1000, std::nextafter(-140.F, -141.F), std::nextafter(1000.F, 1001.F), 0,
                     -1024}),
            row_mask(6, {{2, 4}, {5, 6}}));
}

TEST(Spec4MaskThresholding, nan_is_not_within_any_window) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const BinaryMask all = row_mask(4, {{0, 4}});
  EXPECT_EQ(outside(all, {-infinity, infinity}, {std::nanf(""), infinity, -infinity, 0}),
            row_mask(4, {{0, 1}}));
}

TEST(Spec4MaskThresholding, values_are_compared_as_the_float32_that_is_stored) {
  const BinaryMask all = row_mask(1, {{0, 1}});
  EXPECT_EQ(outside(all, {0.1, 1}, {0.1F}), row_mask(1, {})) << "0.1F is a little above 0.1";
  EXPECT_EQ(outside(all, {0.7, 1}, {0.7F}), all) << "0.7F is a little below 0.7";
}

TEST(Spec4MaskThresholding, voxels_outside_the_mask_do_not_count) {
  EXPECT_EQ(outside(row_mask(4, {{1, 2}}), {0, 1}, {9, 9, 9, 9}), row_mask(4, {{1, 2}}));
}

RC_GTEST_PROP(Spec4MaskThresholding, equals_a_loop_over_voxels_however_the_values_are_cut, ()) {
  const Dense where = random_dense(random_size(), 1);
  const Dense noise = random_dense(where.size, 6);
  const Window window{double(random_in(-1, 7)), double(random_in(-1, 7))};
  std::vector<float> values;
  for (std::uint8_t v : noise.voxels) values.push_back(v == 6 ? std::nanf("") : float(v));
  Dense expected(where.size);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool within = values[i] >= window.low && values[i] <= window.high;
    expected.voxels[i] = where.voxels[i] == 1 && !within;
  }
  const BinaryMask mask = to_binary(where);
  OutsideWindow finder(mask, window);
  feed_in_pieces(values, finder);
  RC_ASSERT(finder.finish() == to_binary(expected));
}

}  // namespace
}  // namespace nicohort
