#include "step/examine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "step/extract.hpp"
#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Examine, counts_equal_a_loop_over_voxels, ()) {
  const Dense drawn = random_dense(random_size(), 3);
  const Dense noise = random_dense(drawn.size, 5), cleaned = random_dense(drawn.size, 3);
  Cleaning expected;
  for (std::size_t i = 0; i < drawn.voxels.size(); ++i) {
    const bool thresholded = drawn.voxels[i] != 0 && noise.voxels[i] > 3;
    const int before = thresholded ? 0 : drawn.voxels[i], after = cleaned.voxels[i];
    expected.thresholded += thresholded;
    expected.removed += before != 0 && after == 0;
    expected.filled += before == 0 && after != 0;
    expected.relabelled += before != 0 && after != 0 && before != after;
  }
  const std::vector<float> values(noise.voxels.begin(), noise.voxels.end());
  Geometry geometry;
  geometry.size = drawn.size;
  const ExaminationParameters parameters{Window{0, 3}, 4, 6, {}};
  const auto found = examine(geometry, ExaminedMasks{to_labels(drawn), to_labels(cleaned)},
                             parameters, [&](const TakeValues& take) {
                               struct {
                                 const TakeValues& feed;
                               } taker{take};
                               feed_in_pieces(values, taker);
                             });
  RC_ASSERT(found.mask->cleaning.thresholded == expected.thresholded);
  RC_ASSERT(found.mask->cleaning.removed == expected.removed);
  RC_ASSERT(found.mask->cleaning.filled == expected.filled);
  RC_ASSERT(found.mask->cleaning.relabelled == expected.relabelled);
  RC_ASSERT(found.mask->voxels == foreground_voxels(to_labels(cleaned)));
  RC_ASSERT(found.mask->intensity.voxels == count(foreground(to_labels(drawn))));
}

TEST(Examine, small_regions_are_of_labels_but_the_background) {
  // Two regions of label 1, one of label 2, and background enclosed by nothing.
  Dense mask({9, 1, 1});
  mask.voxels = {1, 0, 1, 1, 1, 0, 2, 2, 0};
  Geometry geometry;
  geometry.size = mask.size;
  geometry.spacing = {1, 1, 2};
  EXPECT_EQ(count_small_regions(to_labels(mask), {}, geometry, 2), 0) << "2 mm³ is not below 2 mm³";
  EXPECT_EQ(count_small_regions(to_labels(mask), {}, geometry, 5), 2);
  EXPECT_EQ(count_small_regions(to_labels(mask), {}, geometry, 100), 3);
  EXPECT_EQ(count_small_regions(to_labels(mask), {0, 2}, geometry, 100), 1) << "of label 2 alone";
}

TEST(Examine, without_a_mask_there_is_a_picture_alone) {
  Geometry geometry;
  geometry.size = {2, 2, 2};
  const std::vector<float> values(8, 240);
  const auto found =
      examine(geometry, std::nullopt, {}, [&](const TakeValues& take) { take(values); });
  EXPECT_FALSE(found.mask);
  EXPECT_EQ(found.picture.palette[found.picture.pixels[0]], (Colour{255, 255, 255}));
}

}  // namespace
}  // namespace nicohort
