// The header of a single-file NIfTI-1 or NIfTI-2 image, read and checked (SPEC 3).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "image/data_type.hpp"
#include "image/geometry.hpp"

namespace nicohort {

struct Header {
  Geometry geometry;
  DataType type = DataType::uint8;
  bool swapped = false;         // stored in the other byte order than this machine's
  double slope = 0, inter = 0;  // value = stored × slope + inter; slope 0: value = stored
  // What the header says in two ways, or a unit that was hardly meant, in words; empty: nothing.
  std::string contradiction = {};
  std::int64_t channels = 1;        // volumes of a 4-D image, one after the other in the file
  std::uint64_t data_offset = 352;  // bytes before the first voxel
  std::uint64_t data_bytes() const { return geometry.size.voxels() * channels * bytes_of(type); }
  std::uint64_t file_bytes() const { return data_offset + data_bytes(); }  // inflated
  bool is_scaled() const { return slope != 0 && !(slope == 1 && inter == 0); }
};

inline constexpr std::size_t longest_header = 540;      // NIfTI-2; NIfTI-1 has 348
inline constexpr std::size_t extension_flag_bytes = 4;  // behind it, before the earliest voxel

// The length of the header that starts with these bytes as its first field states it, 348 or 540 in
// either byte order; 0 when it is no NIfTI header.
std::size_t stated_header_bytes(std::span<const std::byte> bytes);

// From the first bytes of a file (up to longest_header). Lengths in metres or micrometres are
// converted to mm. Where the spacing contradicts the affine it is taken from that. channels: how
// many volumes the image should hold, in one of its dimensions behind the third; 0: any number.
// Throws BadInput when it is not such a header, holds another number, or says what is impossible;
// images of more than 2^40 bytes count as impossible.
Header parse_header(std::span<const std::byte> bytes, std::int64_t channels = 1);

// The 352 bytes before the voxels of a NIfTI-1 file as SPEC 3 writes it. Of an affine with shear
// the qform is the nearest rotation. Throws BadInput when the size does not fit NIfTI-1 (32,767 in
// each direction), or the affine or the scaling does not fit float32. channels: of a 4-D image.
std::vector<std::byte> make_header(const Geometry& geometry, DataType type, double slope = 1,
                                   double inter = 0, std::int64_t channels = 1);

}  // namespace nicohort
