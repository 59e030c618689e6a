#include "image/geometry.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace nicohort {
namespace {

// The columns of the 3×3 part, each of length 1. Dividing by the largest entry first keeps the
// squares of very large or small entries within double.
Eigen::Matrix3d directions(const Affine& affine) {
  Eigen::Matrix3d columns = affine.topLeftCorner<3, 3>();
  for (int axis = 0; axis < 3; ++axis) {
    columns.col(axis) /= columns.col(axis).cwiseAbs().maxCoeff();
    columns.col(axis).normalize();
  }
  return columns;
}

// The orthogonal matrix closest to `matrix`.
Eigen::Matrix3d orthogonal_part(const Eigen::Matrix3d& matrix) {
  Eigen::JacobiSVD<Eigen::Matrix3d> svd(matrix, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return svd.matrixU() * svd.matrixV().transpose();
}

// `ends` holds the letters of the world axes' positive ends, `starts` those of the negative ones.
std::string orientation(const Affine& affine, std::string_view ends, std::string_view starts) {
  constexpr double largest_deviation = 1e-4;
  const Eigen::Matrix3d columns = directions(affine);
  const auto axes = world_axes(affine);
  std::string letters;
  bool oblique = false;
  for (int voxel_axis = 0; voxel_axis < 3; ++voxel_axis) {
    const auto [axis, reversed] = axes[voxel_axis];
    letters += reversed ? starts[axis] : ends[axis];
    Eigen::Vector3d off_axis = columns.col(voxel_axis);
    off_axis[axis] = 0;
    oblique |= off_axis.norm() > largest_deviation;
  }
  return oblique ? "Oblique(closest to " + letters + ")" : letters;
}

std::string shortest(double value) {
  if (value == 0) return "0";  // both zeros
  const double size = std::abs(value);
  const auto format =
      size >= 1e-5 && size < 1e16 ? std::chars_format::fixed : std::chars_format::scientific;
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format).ptr;
  return std::string(text.data(), end);
}

}  // namespace

std::array<WorldAxis, 3> world_axes(const Affine& affine) {
  Eigen::Matrix3d rotation = orthogonal_part(directions(affine));
  std::array<WorldAxis, 3> found{};
  for (int voxel_axis = 0; voxel_axis < 3; ++voxel_axis) {
    int axis = 0;
    rotation.col(voxel_axis).cwiseAbs().maxCoeff(&axis);
    found[voxel_axis] = {axis, rotation(axis, voxel_axis) < 0};
    rotation.row(axis).setZero();  // taken
  }
  return found;
}

std::array<int, 3> voxel_axes(const Affine& affine) {
  const auto axes = world_axes(affine);
  std::array<int, 3> found{};
  for (int voxel_axis = 0; voxel_axis < 3; ++voxel_axis) found[axes[voxel_axis].axis] = voxel_axis;
  return found;
}

std::string fault_of(const Affine& affine) {
  if (!affine.allFinite()) return "is not finite";
  for (int axis = 0; axis < 3; ++axis)
    if (affine.col(axis).head<3>().isZero(0)) return "is singular";
  // The volume of the box that three directions span: 0 when they lie in one plane.
  return std::abs(directions(affine).determinant()) > 1e-6 ? "" : "is singular";
}

std::string orientation_to(const Affine& affine) {
  return orientation(affine, "RAS", "LPI");
}

std::string orientation_from(const Affine& affine) {
  return orientation(affine, "LPI", "RAS");
}

std::string transform_json(const Affine& affine) {
  std::string json = "[";
  for (int row = 0; row < 4; ++row) {
    json += row == 0 ? "[" : ",[";
    for (int column = 0; column < 4; ++column) {
      if (column > 0) json += ',';
      json += shortest(affine(row, column));
    }
    json += ']';
  }
  return json + "]";
}

std::array<double, 3> column_lengths(const Affine& affine) {
  std::array<double, 3> lengths{};
  for (int axis = 0; axis < 3; ++axis) {
    const double x = affine(0, axis), y = affine(1, axis), z = affine(2, axis);
    lengths[axis] = std::sqrt(x * x + y * y + z * z);
  }
  return lengths;
}

double distance(const Affine& a, const Affine& b) {
  return (a - b).norm();
}

double largest_corner_shift(const Geometry& a, const Geometry& b) {
  if (!b.affine.allFinite()) return std::numeric_limits<double>::infinity();
  const Affine b_in_a = a.affine.partialPivLu().solve(b.affine);
  double largest = 0;
  for (int corner = 0; corner < 8; ++corner) {
    const Eigen::Vector4d at((corner & 1) ? a.size.x - 0.5 : -0.5,
                             (corner & 2) ? a.size.y - 0.5 : -0.5,
                             (corner & 4) ? a.size.z - 0.5 : -0.5, 1);
    largest = std::max(largest, (b_in_a * at - at).head<3>().norm());
  }
  return largest;
}

Geometry turned(const Geometry& geometry, const Turn& turn) {
  const std::array<std::int64_t, 3> sizes{geometry.size.x, geometry.size.y, geometry.size.z};
  Affine axes = Affine::Zero();  // from an index in the result to one in the image
  axes(3, 3) = 1;
  Geometry result = geometry;
  result.size = turned(geometry.size, turn);
  for (int i = 0; i < 3; ++i) {
    const int axis = turn.axis[i];
    axes(axis, i) = turn.reversed[i] ? -1 : 1;
    if (turn.reversed[i]) axes(axis, 3) = static_cast<double>(sizes[axis] - 1);
    result.spacing[i] = geometry.spacing[axis];
  }
  result.affine = geometry.affine * axes;
  return result;
}

Quaternion to_quaternion(const Affine& affine) {
  constexpr double largest_cosine = 1e-5;
  Eigen::Matrix3d rotation = directions(affine);
  const Eigen::Matrix3d cosines = rotation.transpose() * rotation;
  Quaternion result;
  result.exact = std::abs(cosines(0, 1)) <= largest_cosine &&
                 std::abs(cosines(0, 2)) <= largest_cosine &&
                 std::abs(cosines(1, 2)) <= largest_cosine;
  if (rotation.determinant() < 0) {  // a reflection: qfac holds it, in the third column
    result.qfac = -1;
    rotation.col(2) *= -1;
  }
  Eigen::Quaterniond turn(orthogonal_part(rotation));
  turn.normalize();
  if (turn.w() < 0) turn.coeffs() *= -1;  // the same turn
  result.b = turn.x();
  result.c = turn.y();
  result.d = turn.z();
  return result;
}

Affine from_quaternion(const Quaternion& q, const std::array<double, 3>& spacing,
                       const std::array<double, 3>& offset) {
  // The type, the order of the operations and the division by the squared length are nibabel's
  // (quaternions.fillpositive, quat2mat): the last bit depends on them.
  using Real = long double;
  const Real x = q.b, y = q.c, z = q.d;
  const Real w_squared = 1 - (x * x + y * y + z * z);
  const Real w = w_squared < 0 ? 0 : std::sqrt(w_squared);
  const Real s = 2 / (w * w + x * x + y * y + z * z);
  const Real xs = x * s, ys = y * s, zs = z * s;
  const Real wx = w * xs, wy = w * ys, wz = w * zs;
  const Real xx = x * xs, xy = x * ys, xz = x * zs;
  const Real yy = y * ys, yz = y * zs, zz = z * zs;
  const Real rotation[3][3] = {{1 - (yy + zz), xy - wz, xz + wy},
                               {xy + wz, 1 - (xx + zz), yz - wx},
                               {xz - wy, yz + wx, 1 - (xx + yy)}};
  const Real zooms[3] = {spacing[0], spacing[1], spacing[2] * q.qfac};
  Affine affine = Affine::Identity();
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column)
      affine(row, column) =
          static_cast<double>(0 + rotation[row][column] * zooms[column]);  // no -0
    affine(row, 3) = offset[row];
  }
  return affine;
}

}  // namespace nicohort
