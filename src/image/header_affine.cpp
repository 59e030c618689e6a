#include "image/header_affine.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/problem.hpp"

namespace nicohort {
namespace {

// Spacings, in mm, beyond which a header that has its lengths in metres or micrometres is doubted:
// a header with lengths in mm and the unit of metres has 300 mm and more, and one with that of
// micrometres 0.003 mm and less, in some direction, while voxels of 5 µm and of 10 cm are about the
// smallest and largest of medical images.
constexpr double largest_from_metres = 100, smallest_from_microns = 0.005;

// Rounding may push the length of a quaternion above 1.
bool is_too_long(const NiftiFields& f) {
  const long double b = f.quaternion.b, c = f.quaternion.c, d = f.quaternion.d;
  return 1 - (b * b + c * c + d * d) < -3 * f.epsilon();
}

Affine qform_affine(const NiftiFields& f, const std::array<double, 3>& spacing) {
  Quaternion q = f.quaternion;
  q.qfac = f.pixdim[0] == -1 ? -1 : 1;  // nibabel reads anything else as 1
  if (is_too_long(f))
    throw BadInput(
        ProblemKind::unreadable_file,
        fmt::format(
            "has an impossible header: the quaternion ({}, {}, {}) of its qform is longer than 1; "
            "export it again",
            q.b, q.c, q.d));
  return from_quaternion(q, spacing, f.quaternion_offset);
}

// nibabel's base affine for files without sform and qform: x runs to the left, and the world's
// origin is the centre of the box.
Affine base_affine(const Size3& size, const std::array<double, 3>& spacing) {
  const std::array<double, 3> zooms{-spacing[0], spacing[1], spacing[2]};
  const std::array<std::int64_t, 3> sizes{size.x, size.y, size.z};
  Affine affine = Affine::Identity();
  for (int axis = 0; axis < 3; ++axis) {
    affine(axis, axis) = zooms[axis];
    affine(axis, 3) = -(static_cast<double>(sizes[axis] - 1) / 2) * zooms[axis];
  }
  return affine;
}

// Empty if they agree.
std::string contradicting_spacing(const Geometry& geometry) {
  if (!contradicts_spacing(geometry)) return "";
  const auto &spacing = geometry.spacing, lengths = column_lengths(geometry.affine);
  return fmt::format(
      "pixdim has a spacing of {:.6g} x {:.6g} x {:.6g} mm, the affine one of "
      "{:.6g} x {:.6g} x {:.6g} mm",
      spacing[0], spacing[1], spacing[2], lengths[0], lengths[1], lengths[2]);
}

// How far, in voxels, rounding in a quaternion can move a corner of the box: the file leaves out
// the fourth number, the root of what the others leave of 1, which is inexact where that is near 0.
// So it is in the usual orientation of a CT, LAS, if it is a little oblique.
double quaternion_slack(const Quaternion& q, const Size3& size,
                        const std::array<double, 3>& spacing, double epsilon) {
  const double rest = std::max(0.0, 1 - (q.b * q.b + q.c * q.c + q.d * q.d));
  const double angle = 4 * std::min(epsilon / std::sqrt(rest), std::sqrt(epsilon));
  const double diagonal = std::hypot(size.x * spacing[0], size.y * spacing[1], size.z * spacing[2]);
  return angle * diagonal / *std::min_element(spacing.begin(), spacing.end());
}

// Where the qform places the voxels elsewhere than the sform, which counts; empty if they agree.
// Another spacing is nothing that the qform is to blame for.
std::string contradicting_qform(const NiftiFields& f, const Geometry& geometry) {
  constexpr double largest_shift = 0.5;  // voxels
  if (geometry.sform_code <= 0 || geometry.qform_code <= 0) return "";
  if (is_too_long(f)) return "the quaternion of the qform is longer than 1";
  const auto lengths = column_lengths(geometry.affine);
  const double slack = quaternion_slack(f.quaternion, geometry.size, lengths, f.epsilon());
  Geometry by_qform = geometry, as_rotation = geometry;
  by_qform.affine = qform_affine(f, lengths);
  as_rotation.affine =
      from_quaternion(to_quaternion(geometry.affine), lengths,
                      {geometry.affine(0, 3), geometry.affine(1, 3), geometry.affine(2, 3)});
  const auto agrees = [&](const Geometry& by_sform) {
    Geometry first = by_sform;
    first.size = {1, 1, 1};
    return largest_corner_shift(first, by_qform) <= largest_shift &&
           largest_corner_shift(by_sform, by_qform) <= largest_shift + slack;
  };
  if (agrees(geometry) || agrees(as_rotation)) return "";
  if (!by_qform.affine.allFinite()) return "the qform is not finite";
  return fmt::format("the sform ({}) and the qform ({}) differ by up to {:.3g} voxels",
                     orientation_to(geometry.affine), orientation_to(by_qform.affine),
                     largest_corner_shift(geometry, by_qform));
}

}  // namespace

Affine affine_of(const NiftiFields& f, const Geometry& geometry) {
  if (geometry.sform_code > 0) return f.sform;
  if (geometry.qform_code > 0) return qform_affine(f, geometry.spacing);
  return base_affine(geometry.size, geometry.spacing);
}

bool contradicts_spacing(const Geometry& geometry) {
  constexpr double largest_difference = 1e-3;  // relative
  const auto &spacing = geometry.spacing, lengths = column_lengths(geometry.affine);
  bool agrees = true;
  for (int axis = 0; axis < 3; ++axis)
    agrees &= std::abs(spacing[axis] - lengths[axis]) <=
              largest_difference * std::max(spacing[axis], lengths[axis]);
  return !agrees;
}

std::string contradiction_of(const NiftiFields& f, const Geometry& geometry) {
  const std::string spacing = contradicting_spacing(geometry),
                    qform = contradicting_qform(f, geometry);
  if (spacing.empty() && qform.empty()) return "";
  return fmt::format(
      "has a header that contradicts itself: {}{}{}; the {} was used: check it, and correct the "
      "header",
      spacing, spacing.empty() || qform.empty() ? "" : ", and ", qform,
      qform.empty() ? "affine" : "sform");
}

std::string doubtful_unit(const NiftiFields& f, const Geometry& geometry) {
  const auto [least, most] = std::minmax_element(geometry.spacing.begin(), geometry.spacing.end());
  const bool is_metre = f.unit == LengthUnit::metre && *most > largest_from_metres;
  if (!is_metre && !(f.unit == LengthUnit::micron && *least < smallest_from_microns)) return "";
  return fmt::format(
      "has a spacing of {:.6g} x {:.6g} x {:.6g} mm, because its header says that lengths are in "
      "{} (xyzt_units {}), which are converted; if they are in mm, correct xyzt_units to 2",
      geometry.spacing[0], geometry.spacing[1], geometry.spacing[2],
      is_metre ? "metres" : "micrometres", is_metre ? 1 : 3);
}

}  // namespace nicohort
