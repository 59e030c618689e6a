// The mask as drawn of a sample, as one image.
#pragma once

#include <filesystem>
#include <string>

#include "view/web_path.hpp"

namespace nicohort {

// A NIfTI file, gzip, on the grid of the sample's volume: from the one file of the archive that has
// all labels, or from those of each label as they were made one.
// Throws BadInput where a file is not there, cannot be used or is not the one that the sample was
// made from.
std::string drawn_mask_image(const std::filesystem::path& dataset, const ViewedArchive& archive,
                             const std::string& id);

}  // namespace nicohort
