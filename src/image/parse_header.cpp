#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "base/problem.hpp"
#include "image/header.hpp"
#include "image/header_affine.hpp"
#include "image/nifti_fields.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t largest_image = std::int64_t{1} << 40;

// How many volumes it holds, which must be as many as `channels` says, if that is not 0.
std::int64_t checked_channels(const NiftiFields& f, std::int64_t channels) {
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
                               "images. If it is a scan of several channels, name these in the "
                               "recipe (`volume: {{file, channels}}`)",
                               held, along));
  throw BadInput(ProblemKind::unreadable_file,
                 fmt::format("holds {}, but the recipe names {} channels; correct `channels` in "
                             "the recipe, or export the image again",
                             held == 1 ? "1 volume" : fmt::format("{} volumes", held), channels));
}

Size3 size_of(const NiftiFields& f) {
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

std::array<double, 3> spacing_of(const NiftiFields& f) {
  for (int i = 1; i <= 3; ++i)
    if (!std::isfinite(f.pixdim[i]) || f.pixdim[i] <= 0)
      throw BadInput(ProblemKind::geometry,
                     fmt::format("has a spacing of {} mm (pixdim[{}]), which must be positive and "
                                 "finite; export it with "
                                 "its true spacing",
                                 f.pixdim[i], i));
  return {f.pixdim[1], f.pixdim[2], f.pixdim[3]};
}

}  // namespace

Header parse_header(std::span<const std::byte> bytes, std::int64_t channels) {
  const NiftiFields f = read_fields(bytes);
  Header header;
  header.swapped = f.swapped;
  header.geometry.size = size_of(f);
  header.type = type_of(f.datatype);
  header.channels = checked_channels(f, channels);
  check_bytes(header.geometry.size, header.channels, header.type);
  header.data_offset = data_offset_of(f.data_offset, f.header_bytes());

  header.geometry.spacing = spacing_of(f);
  header.geometry.spacing_is_float = f.version == 1;
  header.geometry.qform_code = f.qform_code;
  header.geometry.sform_code = f.sform_code;
  header.geometry.affine = affine_of(f, header.geometry);
  if (const std::string fault = fault_of(header.geometry.affine); !fault.empty())
    throw BadInput(
        ProblemKind::geometry,
        fmt::format("has an affine that {}; export it with its true orientation", fault));
  header.contradiction = contradiction_of(f, header.geometry);
  if (contradicts_spacing(header.geometry))
    header.geometry.spacing = column_lengths(header.geometry.affine);
  if (header.contradiction.empty()) header.contradiction = doubtful_unit(f, header.geometry);

  if (f.slope != 0 && std::isfinite(f.slope)) {
    if (!std::isfinite(f.inter))
      throw BadInput(ProblemKind::unreadable_file,
                     fmt::format("has an intercept of {} (scl_inter); export it again", f.inter));
    header.slope = f.slope;
    header.inter = f.inter;
  }
  return header;
}

}  // namespace nicohort
