#include "step/confirm.hpp"

#include <gmock/gmock.h>

#include <Eigen/LU>
#include <algorithm>

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
  geometry.sform_code = 1;
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

TEST(Spec4Routine02Confirm, both_orientations_are_named) {
  Geometry mask = a_geometry();
  mask.affine(0, 0) *= -1;
  EXPECT_THAT(confirm_geometry(a_geometry(), mask).value_or(""),
              AllOf(HasSubstr("the mask (RAS)"), HasSubstr("the volume (LAS)")));
}

TEST(Spec4Routine02Confirm, nothing_is_said_of_the_position_where_one_has_none) {
  Geometry elsewhere = a_geometry();
  elsewhere.affine(2, 3) = 90;
  Geometry without = a_geometry();
  without.sform_code = 0;
  EXPECT_FALSE(confirm_geometry(without, elsewhere));
  EXPECT_FALSE(confirm_geometry(elsewhere, without));
  EXPECT_FALSE(turn_onto(without, turned(elsewhere, {{1, 0, 2}, {}})));
}

TEST(Spec4Routine02Confirm, a_turn_is_found_whatever_the_axes) {
  Geometry volume = a_geometry();
  volume.affine.topRightCorner<3, 1>() << 3, -7, 11;
  std::array<int, 3> axis{0, 1, 2};
  do {
    for (int reversed = 0; reversed < 8; ++reversed) {
      const Turn away{axis, {bool(reversed & 1), bool(reversed & 2), bool(reversed & 4)}};
      const Geometry image = turned(volume, away);
      EXPECT_LT(std::abs(image.affine.determinant() / volume.affine.determinant()) - 1, 1e-12);
      const auto back = turn_onto(volume, image);
      ASSERT_EQ(back.has_value(), !(away == Turn()));
      if (!back) continue;
      const Geometry there = turned(image, *back);
      EXPECT_EQ(there.size, volume.size);
      EXPECT_EQ(there.spacing, volume.spacing);
      EXPECT_LT(largest_corner_shift(volume, there), 1e-9);
      Geometry beside = image;
      beside.affine(0, 3) += 0.9 * 0.8;  // of a voxel
      EXPECT_FALSE(turn_onto(volume, beside));
    }
  } while (std::next_permutation(axis.begin(), axis.end()));
}

TEST(Spec3Contradictions, only_a_volume_is_to_blame_for_having_no_orientation) {
  Header volume, mask;
  EXPECT_THAT(doubt_of(volume), HasSubstr("no orientation"));
  EXPECT_EQ(doubt_of(mask, &volume.geometry), "");
  volume.geometry.qform_code = 1;
  EXPECT_EQ(doubt_of(volume), "");
  EXPECT_THAT(doubt_of(mask, &volume.geometry), HasSubstr("it was taken as the volume's"));
  mask.contradiction = "says two things";
  EXPECT_EQ(doubt_of(mask, &volume.geometry), "says two things");
}

}  // namespace
}  // namespace nicohort
