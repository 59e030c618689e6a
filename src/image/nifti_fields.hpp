// The fields of a NIfTI-1 or NIfTI-2 header as they stand, in one form for both versions.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "image/geometry.hpp"

namespace nicohort {

enum class LengthUnit { mm, metre, micron };  // unknown counts as mm

// In this machine's byte order, in the wider types of NIfTI-2. Lengths are in mm.
struct NiftiFields {
  int version = 1;
  bool swapped = false;  // stored in the other byte order than this machine's
  std::array<std::int64_t, 8> dim{};
  std::array<double, 8> pixdim{};
  LengthUnit unit = LengthUnit::mm;  // in which lengths were stored
  int datatype = 0;
  double data_offset = 0;  // a float32 in NIfTI-1; every plausible offset is exact in double
  double slope = 0, inter = 0;
  int qform_code = 0, sform_code = 0;
  Quaternion quaternion;
  std::array<double, 3> quaternion_offset{};
  Affine sform = Affine::Identity();

  std::size_t header_bytes() const { return version == 1 ? 348 : 540; }
  // Of the type that the version stores real numbers in.
  double epsilon() const;
};

// From the first bytes of a file. Throws BadInput where they are no header of a single-file image.
NiftiFields read_fields(std::span<const std::byte> bytes);

}  // namespace nicohort
