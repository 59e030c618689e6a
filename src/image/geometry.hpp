// Where the voxels of an image lie. World coordinates are RAS+ in mm (NIfTI-1 standard).
#pragma once

#include <Eigen/Core>
#include <array>
#include <string>

#include "base/size3.hpp"
#include "base/turn.hpp"

namespace nicohort {

using Affine = Eigen::Matrix4d;  // voxel index (i, j, k, 1) to world (x, y, z, 1)

struct Geometry {
  Size3 size;
  std::array<double, 3> spacing{1, 1, 1};  // pixdim[1..3], mm
  bool spacing_is_float = true;            // NIfTI-1 stores float32, NIfTI-2 float64
  Affine affine = Affine::Identity();
  int qform_code = 0, sform_code = 0;
  // Else the affine is a guess.
  bool has_orientation() const { return qform_code > 0 || sform_code > 0; }
};

// What keeps the affine from placing voxels in space: "is not finite" or "is singular" (a column of
// the 3×3 part is zero or within 1e-6 rad of the plane of the others); empty when it is sound. The
// functions below take sound affines only.
std::string fault_of(const Affine& affine);

// For each voxel axis the world axis it follows most, each world axis once, in the order of the
// voxel axes (nibabel.orientations.io_orientation), and whether it runs against it.
struct WorldAxis {
  int axis = 0;  // 0: left to right, 1: posterior to anterior, 2: inferior to superior
  bool reversed = false;
};
std::array<WorldAxis, 3> world_axes(const Affine& affine);
// The reverse: the voxel axis that follows each world axis, so that the last is across axial
// slices.
std::array<int, 3> voxel_axes(const Affine& affine);

// `LAS` as nibabel.aff2axcodes gives it, or `Oblique(closest to LAS)` where a column of the 3×3
// part leaves its axis by more than 1e-4 of its length (the distance of its tip from the axis).
std::string orientation_to(const Affine& affine);
// The same with opposite letters: `RPI`.
std::string orientation_from(const Affine& affine);

// `[[a,b,c,d],[…],[…],[…]]`, fewest digits that give back the double, no `-0`. Whole numbers have
// no point; an exponent appears only below 1e-5 and from 1e16 on.
std::string transform_json(const Affine& affine);

// Lengths of the columns of the 3×3 part.
std::array<double, 3> column_lengths(const Affine& affine);

// Frobenius norm of the difference.
double distance(const Affine& a, const Affine& b);

// How far, at most, a corner of the box around a's voxels lies from the same corner in b, in voxels
// of a; infinitely far if b's affine is not finite. The sizes must be equal.
double largest_corner_shift(const Geometry& a, const Geometry& b);

// The same place of a turned image.
Geometry turned(const Geometry& geometry, const Turn& turn);

// Unit quaternion (b, c, d; a = sqrt(1-b²-c²-d²) >= 0) and qfac of an affine (NIfTI-1 standard,
// method 2).
struct Quaternion {
  double b = 0, c = 0, d = 0, qfac = 1;
  bool exact = true;  // false: the affine has shear, which a quaternion cannot hold
};
// The closest rotation by polar decomposition. Shear is a cosine between two columns above 1e-5 in
// size: beyond what float32 rounding of an orthogonal affine can make.
Quaternion to_quaternion(const Affine& affine);
// As nibabel's get_qform, digit for digit (it computes in the machine's long double). Where
// b²+c²+d² is above 1 the turn is taken as one of 180°; rejecting what is too far above is the
// caller's.
Affine from_quaternion(const Quaternion& q, const std::array<double, 3>& spacing,
                       const std::array<double, 3>& offset);

}  // namespace nicohort
