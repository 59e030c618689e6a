// What a few images of an archive hold, so far as that is cheap to learn. Nothing of an image that
// cannot be read.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "image/header.hpp"
#include "propose/draft.hpp"

namespace nicohort {

// The header, with as many channels as there are volumes in the file.
std::optional<Header> look_at_header(const ArchiveFiles& files, const std::string& path);

// Whether images that can be read have the same size and place.
bool are_on_one_grid(const ArchiveFiles& files, const std::vector<std::string>& paths);

struct ValuesLook {
  bool is_share = true;            // nothing but values from 0 to 1, some of them between
  std::set<float> labels{};        // values above 0, if all are whole numbers to 255
  std::vector<bool> foreground{};  // of each voxel, whether it is above 0
  // How much of two foregrounds is in both (Dice); 0 if the sizes differ.
  double common(const ValuesLook& other) const;
};
// Reads all values of a 3-D image of at most 2^26 voxels.
std::optional<ValuesLook> look_at_values(const ArchiveFiles& files, const std::string& path);

}  // namespace nicohort
