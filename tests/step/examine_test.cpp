#include "step/examine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mask/sets.hpp"
#include "step/extract.hpp"
#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Examine, sees_every_voxel_of_the_mask_once, ()) {
  const Dense drawn = random_dense(random_size(), 3), noise = random_dense(drawn.size, 5);
  const std::vector<float> values(noise.voxels.begin(), noise.voxels.end());
  Geometry geometry;
  geometry.size = drawn.size;
  const BinaryMask where = foreground(to_labels(drawn));
  Examiner examiner(geometry, where, std::nullopt);
  feed_in_pieces(values, examiner);
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += drawn.voxels[i] != 0 ? values[i] : 0;
  const IntensitySummary intensity = examiner.intensity();
  RC_ASSERT(intensity.voxels == count(where));
  RC_ASSERT(intensity.voxels == 0 || std::abs(intensity.mean * intensity.voxels - sum) < 1e-6);
}

TEST(Examine, voxels_of_each_label_but_the_background) {
  Dense mask({9, 1, 1});
  mask.voxels = {1, 0, 1, 1, 1, 0, 7, 7, 0};
  const std::vector<std::pair<std::uint8_t, std::int64_t>> expected{{1, 4}, {7, 2}};
  EXPECT_EQ(foreground_voxels(to_labels(mask)), expected);
}

}  // namespace
}  // namespace nicohort
