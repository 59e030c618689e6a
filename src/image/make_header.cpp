#include <fmt/format.h>
#include <nifti/nifti1.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/problem.hpp"
#include "image/header.hpp"

namespace nicohort {
namespace {

constexpr std::size_t data_offset = 352;           // header and four bytes that say: no extensions
constexpr int aligned = NIFTI_XFORM_ALIGNED_ANAT;  // the code where the source had none

// The largest difference of an entry between the turns of two quaternions.
double turn_difference(const Quaternion& a, const Quaternion& b) {
  const auto matrix = [](const Quaternion& q) { return from_quaternion(q, {1, 1, 1}, {0, 0, 0}); };
  return (matrix(a) - matrix(b)).cwiseAbs().maxCoeff();
}

// `value` rounded to float32, then so many float32 numbers up or down; 0 stays 0.
double stepped(double value, int steps) {
  float number = static_cast<float>(value);
  if (number == 0) return 0;
  const float towards = std::copysign(std::numeric_limits<float>::infinity(), float(steps));
  for (int i = 0; i < std::abs(steps); ++i) number = std::nextafter(number, towards);
  return static_cast<double>(number);
}

// The quaternion of float32 numbers whose turn is closest to that of `q`.
//
// Rounding each number alone is not enough near 180°: the file leaves out a = sqrt(1 - b² - c² -
// d²), and an error of 1e-7 under the root of a number near 0 is one of 3e-4 in a. Other numbers
// nearby, a step or two up or down, put the sum of squares right.
Quaternion rounded_to_float(const Quaternion& q) {
  constexpr double float_precision = 3e-7;
  Quaternion best = q;
  best.b = stepped(q.b, 0), best.c = stepped(q.c, 0), best.d = stepped(q.d, 0);
  double least = turn_difference(best, q);
  if (least <= float_precision) return best;
  Quaternion candidate = q;
  for (int b = -2; b <= 2; ++b)
    for (int c = -2; c <= 2; ++c)
      for (int d = -2; d <= 2; ++d) {
        candidate.b = stepped(q.b, b), candidate.c = stepped(q.c, c), candidate.d = stepped(q.d, d);
        if (const double difference = turn_difference(candidate, q); difference < least)
          least = difference, best = candidate;
      }
  return best;
}

void set_size(nifti_1_header& raw, const Size3& size, std::int64_t channels) {
  constexpr std::int64_t largest = std::numeric_limits<short>::max();
  if (size.x > largest || size.y > largest || size.z > largest)
    throw BadInput(
        ProblemKind::geometry,
        fmt::format(
            "has {} x {} x {} voxels; NIfTI-1 allows at most {} in each direction: crop the image",
            size.x, size.y, size.z, largest));
  const std::int64_t dim[8] = {channels == 1 ? 3 : 4, size.x, size.y, size.z, channels, 1, 1, 1};
  for (int i = 0; i < 8; ++i) raw.dim[i] = static_cast<short>(dim[i]);
}

void set_affine(nifti_1_header& raw, const Geometry& geometry) {
  const Affine& affine = geometry.affine;
  float* const rows[3] = {raw.srow_x, raw.srow_y, raw.srow_z};
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column)
      rows[row][column] = static_cast<float>(affine(row, column));
  raw.sform_code = static_cast<short>(geometry.sform_code > 0 ? geometry.sform_code : aligned);

  const auto lengths = column_lengths(affine);
  for (int i = 0; i < 8; ++i) raw.pixdim[i] = 1;
  for (int axis = 0; axis < 3; ++axis) raw.pixdim[axis + 1] = static_cast<float>(lengths[axis]);

  // Of an affine with shear the nearest rotation: without any, ITK would refuse the file.
  const Quaternion q = rounded_to_float(to_quaternion(affine));
  raw.qform_code = static_cast<short>(geometry.qform_code > 0 ? geometry.qform_code : aligned);
  raw.pixdim[0] = static_cast<float>(q.qfac);
  raw.quatern_b = static_cast<float>(q.b);
  raw.quatern_c = static_cast<float>(q.c);
  raw.quatern_d = static_cast<float>(q.d);
  raw.qoffset_x = raw.srow_x[3];
  raw.qoffset_y = raw.srow_y[3];
  raw.qoffset_z = raw.srow_z[3];
}

}  // namespace

std::vector<std::byte> make_header(const Geometry& geometry, DataType type, double slope,
                                   double inter, std::int64_t channels) {
  if (const std::string fault = fault_of(geometry.affine); !fault.empty())
    throw BadInput(
        ProblemKind::geometry,
        fmt::format("has an affine that {}; export it with its true orientation", fault));
  // Every field not named stays zero: free text above all.
  nifti_1_header raw{};
  raw.sizeof_hdr = sizeof raw;
  set_size(raw, geometry.size, channels);
  set_affine(raw, geometry);
  raw.datatype = static_cast<short>(type);
  raw.bitpix = static_cast<short>(8 * bytes_of(type));
  raw.vox_offset = data_offset;
  raw.scl_slope = static_cast<float>(slope);
  raw.scl_inter = static_cast<float>(inter);
  if (raw.scl_slope != slope || raw.scl_inter != inter)
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("scales its values by {} and {}, which NIfTI-1 cannot hold exactly; "
                               "use `volume_type: float32`",
                               slope, inter));
  raw.xyzt_units = NIFTI_UNITS_MM;
  std::memcpy(raw.magic, "n+1", sizeof raw.magic);

  std::vector<std::byte> bytes(data_offset);
  std::memcpy(bytes.data(), &raw, sizeof raw);
  parse_header(
      bytes, channels);  // nothing is written that cannot be read: float32 may have been too narrow
  return bytes;
}

}  // namespace nicohort
