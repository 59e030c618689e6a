// Masks and volumes of a sample, from and to its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "image/image_file.hpp"
#include "mask/operations.hpp"

namespace nicohort {

struct LoadedMask {
  Header header;
  LabelMask labels;
  std::string sha256;       // of the file; empty unless it was to be hashed
  std::string oddity = {};  // of a foreground: a sentence if its values are not 0 and one above it
};

// What a mask file holds: a label a voxel, or one label where the values are above 0.
enum class MaskValues { labels, foreground };

// Reads a whole mask; of a foreground all voxels get the label 1. Throws BadInput that blames
// nobody.
LoadedMask read_mask(const std::filesystem::path& file, bool hashed,
                     MaskValues values = MaskValues::labels);
// The same. Throws BadInput that blames the path relative to the root.
LoadedMask load_mask(const std::filesystem::path& root, const std::filesystem::path& file);

// Opens a volume. Throws BadInput as load_mask does; the reading itself is the caller's.
ImageReader open_volume(const std::filesystem::path& root, const std::filesystem::path& file);

}  // namespace nicohort
