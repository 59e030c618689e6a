#include "step/confirm.hpp"

#include <gmock/gmock.h>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::HasSubstr;

Geometry a_geometry() {
  Geometry geometry;
  geometry.size = {64, 60, 20};
  geometry.spacing = {0.8, 0.7, 5};
  geometry.affine.diagonal() << -0.8, 0.7, 5, 1;
  return geometry;
}

TEST(Spec4Routine02Confirm, the_same_geometry_is_silent) {
  EXPECT_FALSE(confirm_geometry(a_geometry(), a_geometry()));
}

TEST(Spec4Routine02Confirm, up_to_half_a_voxel_is_silent) {
  Geometry mask = a_geometry();
  mask.affine(2, 3) += 2.4;
  EXPECT_FALSE(confirm_geometry(a_geometry(), mask));
  mask.affine(2, 3) += 0.2;
  EXPECT_THAT(confirm_geometry(a_geometry(), mask).value_or(""), HasSubstr("by up to 0.52 voxels"));
}

TEST(Spec4Routine02Confirm, the_corners_count_not_the_origin) {
  Geometry mask = a_geometry();
  mask.affine(0, 0) *= 1.05;  // the far corner moves by 3 voxels
  EXPECT_TRUE(confirm_geometry(a_geometry(), mask));
}

TEST(Spec4Routine02Confirm, another_size_leaves_the_sample_out) {
  Geometry mask = a_geometry();
  mask.size.z = 21;
  EXPECT_THAT(message_of<BadInput>([&] { confirm_geometry(a_geometry(), mask); }),
              HasSubstr("the mask has 64×60×21 voxels, but the volume has 64×60×20"));
}

}  // namespace
}  // namespace nicohort
