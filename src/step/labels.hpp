// The names of a mask's labels.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace nicohort {

// Names by label; fit for file names.
using LabelNames = std::map<std::uint8_t, std::string>;

// `01_EsoROI`
std::string label_text(std::uint8_t label, const std::string& name);
// `mask_01_EsoROI`: the end of a binary mask's file name and its column in the manifests.
std::string mask_column(std::uint8_t label, const std::string& name);

}  // namespace nicohort
