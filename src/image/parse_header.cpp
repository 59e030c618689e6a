#include <fmt/format.h>
#include <nifti/nifti1.h>
#include <nifti/nifti2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>

#include "base/problem.hpp"
#include "image/byte_order.hpp"
#include "image/header.hpp"

namespace nicohort {
namespace {

static_assert(sizeof(nifti_1_header) == 348 && sizeof(nifti_2_header) == longest_header);

constexpr std::int64_t largest_image = std::int64_t{1} << 40;

// What both versions say, in this machine's byte order, in the wider types of NIfTI-2 and in mm.
struct Fields {
  std::array<std::int64_t, 8> dim;
  std::array<double, 8> pixdim;
  int datatype;
  double data_offset;  // a float32 in NIfTI-1; every plausible offset is exact in double
  double slope, inter;
  int qform_code, sform_code;
  Quaternion quaternion;
  std::array<double, 3> quaternion_offset;
  std::array<std::array<double, 4>, 3> sform;
};

// A length in the unit that xyzt_units names, in mm. Of one that is converted the decimal number
// counts that was meant, so that 0.0008 m are 0.8 mm though neither is a float32.
template <class Real>
double in_mm(Real length, int units) {
  const int unit = units & 0x07;
  if (unit != NIFTI_UNITS_METER && unit != NIFTI_UNITS_MICRON) return length;
  std::array<char, 64> text{};
  std::to_chars(text.data(), text.data() + text.size() - 1, length);
  const double meant = std::strtod(text.data(), nullptr);
  return unit == NIFTI_UNITS_METER ? meant * 1000 : meant / 1000;
}

template <class RawHeader>
int read_units(const RawHeader& raw, bool swapped) {
  return static_cast<int>(swapped ? byte_swapped(raw.xyzt_units) : raw.xyzt_units);
}

template <class RawHeader>
Fields fields_of(const RawHeader& raw, bool swapped) {
  const auto read = [swapped](auto value) { return swapped ? byte_swapped(value) : value; };
  const int units = read_units(raw, swapped);
  const auto read_length = [&](auto value) { return in_mm(read(value), units); };
  Fields f{};
  for (int i = 0; i < 8; ++i) {
    f.dim[i] = read(raw.dim[i]);
    f.pixdim[i] = i >= 1 && i <= 3 ? read_length(raw.pixdim[i]) : read(raw.pixdim[i]);
  }
  f.datatype = read(raw.datatype);
  f.data_offset = static_cast<double>(read(raw.vox_offset));
  f.slope = read(raw.scl_slope);
  f.inter = read(raw.scl_inter);
  f.qform_code = read(raw.qform_code);
  f.sform_code = read(raw.sform_code);
  f.quaternion.b = read(raw.quatern_b);
  f.quaternion.c = read(raw.quatern_c);
  f.quaternion.d = read(raw.quatern_d);
  f.quaternion_offset = {read_length(raw.qoffset_x), read_length(raw.qoffset_y),
                         read_length(raw.qoffset_z)};
  for (int i = 0; i < 4; ++i) {
    f.sform[0][i] = read_length(raw.srow_x[i]);
    f.sform[1][i] = read_length(raw.srow_y[i]);
    f.sform[2][i] = read_length(raw.srow_z[i]);
  }
  return f;
}

// sizeof_hdr, as it stands; 0 when there are fewer bytes.
std::int32_t first_field(std::span<const std::byte> bytes) {
  std::int32_t value = 0;
  if (bytes.size() >= sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

bool starts_with(std::span<const std::byte> bytes, std::string_view text, std::size_t at = 0) {
  return bytes.size() >= at + text.size() &&
         std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

[[noreturn]] void throw_not_nifti(std::span<const std::byte> bytes) {
  if (starts_with(bytes, "version https://git-lfs.github.com/spec/"))
    throw BadInput(
        ProblemKind::unreadable_file,
        "is a Git LFS pointer, not the image itself; fetch the content with git lfs pull");
  if (starts_with(bytes, "/annex/objects/"))
    throw BadInput(ProblemKind::unreadable_file,
                   "is a git-annex pointer, not the image itself; fetch the content with git annex "
                   "get, or datalad get");
  std::string_view kind, remedy = "convert it to a single .nii.gz file";
  if (starts_with(bytes, "DICM", 128))
    kind = "a DICOM file", remedy = "convert its series to one .nii.gz file (dcm2niix)";
  else if (starts_with(bytes, "\x1f\x8b"))
    kind = "gzip inside gzip", remedy = "decompress it once";
  else if (starts_with(bytes, "NRRD"))
    kind = "an NRRD image";
  else if (starts_with(bytes, "ObjectType") || starts_with(bytes, "NDims"))
    kind = "a MetaImage";
  else if (starts_with(bytes, "\x89HDF") || starts_with(bytes, "CDF"))
    kind = "a MINC or HDF5 file";
  else if (starts_with(bytes, "PK\x03\x04"))
    kind = "a zip archive", remedy = "unpack it";
  else if (starts_with(bytes, "<"))
    kind = "a web page or XML file", remedy = "download or export the image again";
  if (!kind.empty())
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("is not a NIfTI image but looks like {}; {}", kind, remedy));
  throw BadInput(
      ProblemKind::unreadable_file,
      "is not a NIfTI image: the size field of its header is neither 348 nor 540; export it again");
}

void check_magic(std::string_view magic, std::string_view version) {
  if (magic[0] == 'n' && magic[1] == '+' && magic[2] == version[0] && magic[3] == '\0') return;
  if (magic[0] == 'n' && magic[1] == 'i' && magic[2] == version[0] && magic[3] == '\0')
    throw BadInput(
        ProblemKind::unreadable_file,
        "is the header of a two-file image (.hdr and .img); convert both to a single .nii.gz file");
  if (magic[0] == '\0')
    throw BadInput(ProblemKind::unreadable_file,
                   "looks like an Analyze 7.5 image, which does not distinguish left and right; "
                   "convert it to a single .nii.gz file");
  throw BadInput(
      ProblemKind::unreadable_file,
      fmt::format(
          "is not a NIfTI image: the magic 'n+{}' is missing in its header; export it again",
          version));
}

// NIfTI-2 carries line ends of three systems, as PNG does, to show a copy in text mode.
void check_line_ends(std::string_view mark) {
  if (mark != "\r\n\x1a\n" && mark != std::string_view("\0\0\0\0", 4))
    throw BadInput(ProblemKind::unreadable_file,
                   "was changed by a transfer in text mode; copy it again in binary mode");
}

// How many volumes it holds, which must be as many as `channels` says, if that is not 0.
std::int64_t checked_channels(const Fields& f, std::int64_t channels) {
  std::int64_t held = 1;
  int along = 4;
  for (int i = 4; i <= f.dim[0]; ++i) {
    if (f.dim[i] == 1) continue;
    if (held != 1)
      throw BadInput(ProblemKind::unreadable_file,
                     fmt::format("holds volumes along two dimensions (dim[{}] and dim[{}]); split "
                                 "it into 3-D images",
                                 along, i));
    held = f.dim[i];
    along = i;
  }
  if (held == channels || channels == 0) return held;
  if (channels == 1)
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("holds more than one volume ({} along dim[{}]); split it into 3-D "
                               "images, or name them in the recipe (`volume: {{file, channels}}`) "
                               "if they are the channels of one scan",
                               held, along));
  throw BadInput(ProblemKind::unreadable_file,
                 fmt::format("holds {}, but the recipe names {} channels; correct `channels` in "
                             "the recipe, or export the image again",
                             held == 1 ? "1 volume" : fmt::format("{} volumes", held), channels));
}

Size3 size_of(const Fields& f) {
  if (f.dim[0] == 1 || f.dim[0] == 2)
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("is not a 3-D image: it has {} dimension{}; export the whole volume",
                               f.dim[0], f.dim[0] == 1 ? "" : "s"));
  if (f.dim[0] < 3 || f.dim[0] > 7)
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("has an impossible header: {} dimensions (dim[0]), 3 to 7 are "
                               "possible; export it again",
                               f.dim[0]));
  for (int i = 1; i <= f.dim[0]; ++i)
    if (f.dim[i] < 1)
      throw BadInput(
          ProblemKind::unreadable_file,
          fmt::format("has an impossible header: a size of {} (dim[{}]); export it again", f.dim[i],
                      i));
  return {f.dim[1], f.dim[2], f.dim[3]};
}

DataType type_of(int code) {
  static constexpr DataType known[] = {
      DataType::uint8, DataType::int16,  DataType::int32,  DataType::float32, DataType::float64,
      DataType::int8,  DataType::uint16, DataType::uint32, DataType::int64,   DataType::uint64};
  for (DataType type : known)
    if (code == static_cast<int>(type)) return type;
  static constexpr std::pair<int, std::string_view> unsupported[] = {
      {1, "binary"},        {32, "complex64"},    {128, "RGB24"},  {1536, "float128"},
      {1792, "complex128"}, {2048, "complex256"}, {2304, "RGBA32"}};
  std::string_view type_name = "unknown";
  for (const auto& [its_code, its_name] : unsupported)
    if (code == its_code) type_name = its_name;
  throw BadInput(ProblemKind::unreadable_file,
                 fmt::format("has elements of type {} (datatype {}), which is not supported; "
                             "convert it to an integer or floating-point type of 8 to 64 bits",
                             type_name, code));
}

void check_bytes(const Size3& size, std::int64_t channels, DataType type) {
  // Divisions, because the product may be beyond 64 bits.
  const std::int64_t most = largest_image / static_cast<std::int64_t>(bytes_of(type));
  if (size.x > most || size.y > most / size.x || size.z > most / size.x / size.y ||
      channels > most / size.x / size.y / size.z)
    throw BadInput(
        ProblemKind::unreadable_file,
        fmt::format("has an impossible header: {} x {} x {}{} voxels of type {} are more "
                    "than 2^40 bytes; export it again",
                    size.x, size.y, size.z, channels == 1 ? "" : fmt::format(" x {}", channels),
                    name(type)));
}

std::uint64_t data_offset_of(double offset, std::size_t header_bytes) {
  const double earliest = static_cast<double>(header_bytes + extension_flag_bytes);
  if (!std::isfinite(offset) || offset < earliest || offset > static_cast<double>(largest_image) ||
      offset != std::floor(offset))
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("has an impossible header: voxels that start at byte {} "
                               "(vox_offset), {} is the earliest; "
                               "export it again",
                               offset, earliest));
  return static_cast<std::uint64_t>(offset);
}

std::array<double, 3> spacing_of(const Fields& f) {
  for (int i = 1; i <= 3; ++i)
    if (!std::isfinite(f.pixdim[i]) || f.pixdim[i] <= 0)
      throw BadInput(ProblemKind::geometry,
                     fmt::format("has a spacing of {} mm (pixdim[{}]), which must be positive and "
                                 "finite; export it with "
                                 "its true spacing",
                                 f.pixdim[i], i));
  return {f.pixdim[1], f.pixdim[2], f.pixdim[3]};
}

// The codes of the standard; nibabel, too, reads any other as 0, "unknown".
int form_code(int code) {
  return code >= 0 && code <= 5 ? code : 0;
}

Affine sform_affine(const Fields& f) {
  Affine affine = Affine::Identity();
  for (int row = 0; row < 3; ++row)
    for (int column = 0; column < 4; ++column) affine(row, column) = f.sform[row][column];
  return affine;
}

// `epsilon` is that of the type the quaternion is stored in: rounding may push its length above 1.
bool is_too_long(const Quaternion& q, double epsilon) {
  const long double b = q.b, c = q.c, d = q.d;
  return 1 - (b * b + c * c + d * d) < -3 * epsilon;
}

Affine qform_affine(const Fields& f, const std::array<double, 3>& spacing, double epsilon) {
  Quaternion q = f.quaternion;
  q.qfac = f.pixdim[0] == -1 ? -1 : 1;  // nibabel reads anything else as 1
  if (is_too_long(q, epsilon))
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

template <class Real>
Affine affine_of(const Fields& f, const Geometry& geometry) {
  if (geometry.sform_code > 0) return sform_affine(f);
  if (geometry.qform_code > 0)
    return qform_affine(f, geometry.spacing, std::numeric_limits<Real>::epsilon());
  return base_affine(geometry.size, geometry.spacing);
}

// Where pixdim and the affine have different spacings; empty if they agree.
std::string contradicting_spacing(const Geometry& geometry) {
  constexpr double largest_difference = 1e-3;  // relative
  const auto &spacing = geometry.spacing, lengths = column_lengths(geometry.affine);
  bool agrees = true;
  for (int axis = 0; axis < 3; ++axis)
    agrees &= std::abs(spacing[axis] - lengths[axis]) <=
              largest_difference * std::max(spacing[axis], lengths[axis]);
  if (agrees) return "";
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
std::string contradicting_qform(const Fields& f, const Geometry& geometry, double epsilon) {
  constexpr double largest_shift = 0.5;  // voxels
  if (geometry.sform_code <= 0 || geometry.qform_code <= 0) return "";
  if (is_too_long(f.quaternion, epsilon)) return "the quaternion of the qform is longer than 1";
  const auto lengths = column_lengths(geometry.affine);
  const double slack = quaternion_slack(f.quaternion, geometry.size, lengths, epsilon);
  Geometry by_qform = geometry, as_rotation = geometry;
  by_qform.affine = qform_affine(f, lengths, epsilon);
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

// A unit of length that was hardly meant, since the spacing would be beyond that of medical images;
// empty if all is well.
std::string doubtful_unit(int units, const Geometry& geometry) {
  const int unit = units & 0x07;
  const auto [least, most] = std::minmax_element(geometry.spacing.begin(), geometry.spacing.end());
  const bool is_metre = unit == NIFTI_UNITS_METER && *most > largest_from_metres;
  if (!is_metre && !(unit == NIFTI_UNITS_MICRON && *least < smallest_from_microns)) return "";
  return fmt::format(
      "has a spacing of {:.6g} x {:.6g} x {:.6g} mm, because its header says that lengths are in "
      "{} (xyzt_units {}), which are converted; if they are in mm, correct xyzt_units to 2",
      geometry.spacing[0], geometry.spacing[1], geometry.spacing[2],
      is_metre ? "metres" : "micrometres", unit);
}

// All that the header says in two ways. The affine counts.
std::string contradiction_of(const Fields& f, const Geometry& geometry, double epsilon) {
  const std::string spacing = contradicting_spacing(geometry),
                    qform = contradicting_qform(f, geometry, epsilon);
  if (spacing.empty() && qform.empty()) return "";
  return fmt::format(
      "has a header that contradicts itself: {}{}{}; the {} was used: check it, and correct the "
      "header",
      spacing, spacing.empty() || qform.empty() ? "" : ", and ", qform,
      qform.empty() ? "affine" : "sform");
}

// Real is the type the version stores its real numbers in.
template <class RawHeader, class Real>
Header checked(std::span<const std::byte> bytes, bool swapped, std::int64_t channels) {
  if (bytes.size() < sizeof(RawHeader))
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("is truncated: {} bytes, less than the header's {}; copy or export "
                               "it again",
                               bytes.size(), sizeof(RawHeader)));
  RawHeader raw{};
  std::memcpy(&raw, bytes.data(), sizeof raw);
  const std::string_view magic(raw.magic, sizeof raw.magic);
  check_magic(magic, std::is_same_v<Real, float> ? "1" : "2");
  if (magic.size() == 8) check_line_ends(magic.substr(4));

  const Fields f = fields_of(raw, swapped);
  Header header;
  header.swapped = swapped;
  header.geometry.size = size_of(f);
  header.type = type_of(f.datatype);
  header.channels = checked_channels(f, channels);
  check_bytes(header.geometry.size, header.channels, header.type);
  header.data_offset = data_offset_of(f.data_offset, sizeof raw);

  header.geometry.spacing = spacing_of(f);
  header.geometry.spacing_is_float = std::is_same_v<Real, float>;
  header.geometry.qform_code = form_code(f.qform_code);
  header.geometry.sform_code = form_code(f.sform_code);
  header.geometry.affine = affine_of<Real>(f, header.geometry);
  if (const std::string fault = fault_of(header.geometry.affine); !fault.empty())
    throw BadInput(
        ProblemKind::geometry,
        fmt::format("has an affine that {}; export it with its true orientation", fault));
  header.contradiction = contradiction_of(f, header.geometry, std::numeric_limits<Real>::epsilon());
  if (!contradicting_spacing(header.geometry).empty())
    header.geometry.spacing = column_lengths(header.geometry.affine);
  if (header.contradiction.empty())
    header.contradiction = doubtful_unit(read_units(raw, swapped), header.geometry);

  if (f.slope != 0 && std::isfinite(f.slope)) {
    if (!std::isfinite(f.inter))
      throw BadInput(ProblemKind::unreadable_file,
                     fmt::format("has an intercept of {} (scl_inter); export it again", f.inter));
    header.slope = f.slope;
    header.inter = f.inter;
  }
  return header;
}

}  // namespace

std::size_t stated_header_bytes(std::span<const std::byte> bytes) {
  const std::int32_t stated = first_field(bytes);
  for (const std::int32_t length : {stated, byte_swapped(stated)})
    if (length == sizeof(nifti_1_header) || length == sizeof(nifti_2_header)) return length;
  return 0;
}

Header parse_header(std::span<const std::byte> bytes, std::int64_t channels) {
  const std::size_t length = stated_header_bytes(bytes);
  const bool swapped = first_field(bytes) != static_cast<std::int32_t>(length);
  if (length == sizeof(nifti_1_header))
    return checked<nifti_1_header, float>(bytes, swapped, channels);
  if (length == sizeof(nifti_2_header))
    return checked<nifti_2_header, double>(bytes, swapped, channels);
  throw_not_nifti(bytes);
}

}  // namespace nicohort
