// Images changed in ways that no ordinary program writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "phantom/sample.hpp"

namespace nicohort {

using Bytes = std::vector<std::byte>;

// An image about to be written: its bytes, and the image they come from.
struct ImageDraft {
  Bytes header, voxels;
  StoredImage image;
};
using Alter = std::function<void(ImageDraft&)>;
using Damage = std::function<void(const std::filesystem::path&)>;  // to a written file

ImageDraft draft(const StoredImage& image);
Bytes whole(const ImageDraft& image);  // header and voxels
std::size_t slice_bytes(const ImageDraft& image);

// Converts to another element type, so that other values fit.
void retype(ImageDraft& image, DataType type);
// An element type with several numbers a voxel, by its NIfTI code.
void retype_compound(ImageDraft& image, std::int16_t code, std::size_t bytes_per_voxel);
// Big-endian, header and voxels.
void to_big_endian(ImageDraft& image);
// The same header in NIfTI-2, whose fields are wider and elsewhere.
void to_nifti2(ImageDraft& image);

// Sets one entry of the affine, which is stated by the sform alone from then on.
void set_affine_entry(ImageDraft& image, std::size_t row, std::size_t column, float value);

// Replaces one field of the header.
template <class T>
Alter field(std::size_t offset, T value) {
  return [=](ImageDraft& image) { put(image.header, offset, value); };
}

// Stores the mask as `type`, whose numbers are T, with this value instead of 1.
template <class T>
Alter label_becomes(DataType type, T value) {
  return [=](ImageDraft& mask) {
    retype(mask, type);
    for (std::size_t i = 0; i < mask.image.values.size(); ++i)
      if (mask.image.values[i] != 0) put(mask.voxels, i * sizeof(T), value);
  };
}

// A whole small file as it is on the disk, to read and to replace.
std::string disk_bytes(const std::filesystem::path& path);
Damage on_disk(const std::function<void(std::string&)>& change);
// The same file without gzip.
Bytes inflated(const std::filesystem::path& path);
std::string text_of(const Bytes& bytes);

}  // namespace nicohort
