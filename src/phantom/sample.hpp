// One sample of the demo archive: a volume and its mask as the site's scanner and software store
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <vector>

#include "image/header.hpp"
#include "phantom/clinical.hpp"

namespace nicohort {

// A NIfTI-1 file before it is written: the 352 bytes before the voxels, and the voxels, which are
// stored as `type` after `add` was added to each.
struct StoredImage {
  std::vector<std::byte> header;
  std::vector<std::int16_t> values;
  DataType type = DataType::int16;
  int add = 0;
};

struct StoredSample {
  StoredImage volume, mask;
};

// Sites differ in orientation, slice thickness, noise, element types, the transforms they state,
// and in how well the masks are drawn. The field of view does not depend on the size, the spacing
// does.
StoredSample make_sample(const Patient& patient, Phase phase, Size3 size);

// Voxels begin ... begin + count as bytes of the image's element type.
std::vector<std::byte> voxel_bytes(const StoredImage& image, std::size_t begin, std::size_t count);

// Throws MachineError.
void write_image(const std::filesystem::path& path, const StoredImage& image);
void write_gzip(const std::filesystem::path& path, std::span<const std::byte> bytes);

enum class ImageKind { volume, mask };
// `tongji/pre-therapy/images/TJ_0012345678.nii.gz`, below the archive's folder.
std::filesystem::path archive_path(const Patient& patient, Phase phase, ImageKind kind);

// Offsets into a NIfTI-1 header (NIfTI-1 standard).
namespace nifti1 {
inline constexpr std::size_t dim = 40, datatype = 70, bitpix = 72, pixdim = 76, scl_slope = 112,
                             scl_inter = 116, descrip = 148, qform_code = 252, sform_code = 254,
                             quatern = 256, srow = 280, magic = 344;
}

// Replaces one field of a header.
template <class T>
void put(std::vector<std::byte>& header, std::size_t offset, T value) {
  std::memcpy(header.data() + offset, &value, sizeof value);
}
template <class T>
T get(const std::vector<std::byte>& header, std::size_t offset) {
  T value;
  std::memcpy(&value, header.data() + offset, sizeof value);
  return value;
}

}  // namespace nicohort
