#include "image/geometry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <Eigen/Geometry>
#include <cmath>
#include <limits>
#include <numbers>

namespace nicohort {
namespace {

Affine diagonal(double x, double y, double z) {
  Affine affine = Affine::Identity();
  affine.diagonal() << x, y, z, 1;
  return affine;
}

// Turned about `axis`, reflected in z if asked, with columns of these lengths.
Affine turned(double angle, const Eigen::Vector3d& axis, const Eigen::Vector3d& lengths,
              bool reflected) {
  Affine affine = Affine::Identity();
  Eigen::Matrix3d turn = Eigen::AngleAxisd(angle, axis.normalized()).toRotationMatrix();
  if (reflected) turn.col(2) *= -1;
  affine.topLeftCorner<3, 3>() = turn * lengths.asDiagonal();
  affine.col(3).head<3>() << -120.5, 33.25, 7;
  return affine;
}

double number(int low, int high) {
  return *rc::gen::inRange(low * 1000, high * 1000) / 1000.0;
}

TEST(Spec3Orientation, FollowsTheAxes) {
  EXPECT_EQ(orientation_to(diagonal(-1, 1, 1)), "LAS");
  EXPECT_EQ(orientation_from(diagonal(-1, 1, 1)), "RPI");
  Affine permuted = Affine::Zero();
  permuted(2, 0) = -3, permuted(0, 1) = 2, permuted(1, 2) = -1, permuted(3, 3) = 1;
  EXPECT_EQ(orientation_to(permuted), "IRP");
  EXPECT_EQ(orientation_from(permuted), "SLA");
}

TEST(Spec3Orientation, IsObliqueBeyondOneTenThousandth) {
  Affine affine = diagonal(-2, 2, 5);
  affine(1, 0) = 2 * 0.99e-4;
  EXPECT_EQ(orientation_to(affine), "LAS");
  affine(1, 0) = 2 * 1.01e-4;
  EXPECT_EQ(orientation_to(affine), "Oblique(closest to LAS)");
  EXPECT_EQ(orientation_from(affine), "Oblique(closest to RPI)");
}

TEST(Spec3Transform, UsesTheFewestDigits) {
  Affine affine = diagonal(-0.8, 1, 120.5);
  affine.col(3) << -0.0, 1e-5, 1e16, 1;
  affine(0, 1) = 9e-6, affine(0, 2) = 123456789012345.0, affine(1, 0) = 0.8F;
  EXPECT_EQ(transform_json(affine),
            "[[-0.8,9e-06,123456789012345,0],[0.800000011920929,1,0,0.00001],"
            "[0,0,120.5,1e+16],[0,0,0,1]]");
}

RC_GTEST_PROP(Spec3Transform, GivesBackEveryDouble, ()) {
  const auto bits = *rc::gen::arbitrary<std::uint64_t>();
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  RC_PRE(std::isfinite(value));
  Affine affine = Affine::Identity();
  affine(0, 0) = value;
  const std::string json = transform_json(affine);
  RC_ASSERT(json.starts_with("[["));
  RC_ASSERT(std::strtod(json.c_str() + 2, nullptr) == value);
}

TEST(Spec3Affine, FaultsAreNamed) {
  EXPECT_EQ(fault_of(diagonal(1, 1, 1)), "");
  EXPECT_EQ(fault_of(diagonal(1e-30, 1e30, 1)), "");
  EXPECT_EQ(fault_of(diagonal(1, 0, 1)), "is singular");
  Affine affine = diagonal(1, 1, 1);
  affine.col(1) = affine.col(0);
  EXPECT_EQ(fault_of(affine), "is singular");
  affine(0, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(fault_of(affine), "is not finite");
}

TEST(Spec4Confirm, CornerShiftIsInVoxels) {
  Geometry a, b;
  a.size = b.size = {10, 20, 30};
  a.affine = b.affine = diagonal(-0.5, 0.5, 2);
  EXPECT_EQ(largest_corner_shift(a, b), 0);
  b.affine(2, 3) += 1;  // half a slice of 2 mm
  EXPECT_DOUBLE_EQ(largest_corner_shift(a, b), 0.5);
  b.affine = a.affine * 2;
  b.affine(3, 3) = 1;  // the far corner lands twice as far: at 2 c instead of c
  EXPECT_DOUBLE_EQ(largest_corner_shift(a, b), std::sqrt(9.5 * 9.5 + 19.5 * 19.5 + 29.5 * 29.5));
}

TEST(Spec4Manifest, DistanceIsFrobenius) {
  Affine a = diagonal(1, 1, 1), b = a;
  b(0, 0) += 3, b(2, 3) -= 4;
  EXPECT_DOUBLE_EQ(distance(a, b), 5);
}

TEST(Spec3Quaternion, ShearIsNotHeld) {
  Affine affine = diagonal(2, 1, 1);
  EXPECT_TRUE(to_quaternion(affine).exact);
  affine(0, 1) = 0.9e-5;
  EXPECT_TRUE(to_quaternion(affine).exact);
  affine(0, 1) = 1.1e-5;
  EXPECT_FALSE(to_quaternion(affine).exact);
}

TEST(Spec3Quaternion, OfAnAffineWithShearIsTheNearestRotation) {
  Affine affine = diagonal(2, 1, 1);
  affine(1, 0) = 2 * 0.1, affine(0, 1) = 0.1;  // both columns lean by as much
  const Affine back = from_quaternion(to_quaternion(affine), {2, 1, 1}, {0, 0, 0});
  EXPECT_LT((back - diagonal(2, 1, 1)).cwiseAbs().maxCoeff(), 1e-12);
}

RC_GTEST_PROP(Spec3Quaternion, GivesTheAffineBack, ()) {
  const bool half_turn = *rc::gen::arbitrary<bool>();
  const double angle = half_turn ? std::numbers::pi : number(-3, 4);
  const Eigen::Vector3d axis(number(-1, 2), number(-1, 2), number(1, 2));
  const Eigen::Vector3d lengths(number(1, 5), number(1, 5), number(1, 5));
  const Affine affine = turned(angle, axis, lengths, *rc::gen::arbitrary<bool>());
  const Quaternion q = to_quaternion(affine);
  RC_ASSERT(q.exact);
  const Affine back =
      from_quaternion(q, column_lengths(affine), {affine(0, 3), affine(1, 3), affine(2, 3)});
  // Near 180° the fourth number is the root of what is lost in rounding 1e-16.
  RC_ASSERT((back - affine).cwiseAbs().maxCoeff() < 1e-6);
}

}  // namespace
}  // namespace nicohort
