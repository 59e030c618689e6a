#include "image/nifti_fields.hpp"

#include <fmt/format.h>
#include <nifti/nifti1.h>
#include <nifti/nifti2.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "base/problem.hpp"
#include "image/byte_order.hpp"
#include "image/header.hpp"

namespace nicohort {
namespace {

static_assert(sizeof(nifti_1_header) == 348 && sizeof(nifti_2_header) == longest_header);

LengthUnit unit_of(int xyzt_units) {
  switch (xyzt_units & 0x07) {
    case NIFTI_UNITS_METER:
      return LengthUnit::metre;
    case NIFTI_UNITS_MICRON:
      return LengthUnit::micron;
    default:
      return LengthUnit::mm;
  }
}

// Of a length that is converted the decimal number counts that was meant, so that 0.0008 m are
// 0.8 mm though neither is a float32.
template <class Real>
double in_mm(Real length, LengthUnit unit) {
  if (unit == LengthUnit::mm) return length;
  std::array<char, 64> text{};
  std::to_chars(text.data(), text.data() + text.size() - 1, length);
  const double meant = std::strtod(text.data(), nullptr);
  return unit == LengthUnit::metre ? meant * 1000 : meant / 1000;
}

// The codes of the standard; nibabel, too, reads any other as 0, "unknown".
int form_code(int code) {
  return code >= 0 && code <= 5 ? code : 0;
}

template <class RawHeader>
NiftiFields fields_of(const RawHeader& raw, bool swapped) {
  const auto read = [swapped](auto value) { return swapped ? byte_swapped(value) : value; };
  NiftiFields f;
  f.version = std::is_same_v<RawHeader, nifti_1_header> ? 1 : 2;
  f.swapped = swapped;
  f.unit = unit_of(static_cast<int>(read(raw.xyzt_units)));
  const auto read_length = [&](auto value) { return in_mm(read(value), f.unit); };
  for (int i = 0; i < 8; ++i) {
    f.dim[i] = read(raw.dim[i]);
    f.pixdim[i] = i >= 1 && i <= 3 ? read_length(raw.pixdim[i]) : read(raw.pixdim[i]);
  }
  f.datatype = read(raw.datatype);
  f.data_offset = static_cast<double>(read(raw.vox_offset));
  f.slope = read(raw.scl_slope);
  f.inter = read(raw.scl_inter);
  f.qform_code = form_code(read(raw.qform_code));
  f.sform_code = form_code(read(raw.sform_code));
  f.quaternion.b = read(raw.quatern_b);
  f.quaternion.c = read(raw.quatern_c);
  f.quaternion.d = read(raw.quatern_d);
  f.quaternion_offset = {read_length(raw.qoffset_x), read_length(raw.qoffset_y),
                         read_length(raw.qoffset_z)};
  for (int i = 0; i < 4; ++i) {
    f.sform(0, i) = read_length(raw.srow_x[i]);
    f.sform(1, i) = read_length(raw.srow_y[i]);
    f.sform(2, i) = read_length(raw.srow_z[i]);
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

template <class RawHeader>
NiftiFields checked_fields(std::span<const std::byte> bytes, bool swapped) {
  if (bytes.size() < sizeof(RawHeader))
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("is truncated: {} bytes, less than the header's {}; copy or export "
                               "it again",
                               bytes.size(), sizeof(RawHeader)));
  RawHeader raw{};
  std::memcpy(&raw, bytes.data(), sizeof raw);
  NiftiFields fields = fields_of(raw, swapped);
  const std::string_view magic(raw.magic, sizeof raw.magic);
  check_magic(magic, fields.version == 1 ? "1" : "2");
  if (magic.size() == 8) check_line_ends(magic.substr(4));
  return fields;
}

}  // namespace

double NiftiFields::epsilon() const {
  return version == 1 ? std::numeric_limits<float>::epsilon()
                      : std::numeric_limits<double>::epsilon();
}

std::size_t stated_header_bytes(std::span<const std::byte> bytes) {
  const std::int32_t stated = first_field(bytes);
  for (const std::int32_t length : {stated, byte_swapped(stated)})
    if (length == sizeof(nifti_1_header) || length == sizeof(nifti_2_header)) return length;
  return 0;
}

NiftiFields read_fields(std::span<const std::byte> bytes) {
  const std::size_t length = stated_header_bytes(bytes);
  const bool swapped = first_field(bytes) != static_cast<std::int32_t>(length);
  if (length == sizeof(nifti_1_header)) return checked_fields<nifti_1_header>(bytes, swapped);
  if (length == sizeof(nifti_2_header)) return checked_fields<nifti_2_header>(bytes, swapped);
  throw_not_nifti(bytes);
}

}  // namespace nicohort
