// Names of the labels of a multi-label mask (`label_map.yaml`).
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace YAML {
class Node;
}

namespace nicohort {

// Short names by label value; blanks and slashes are already `_`.
using LabelNames = std::map<std::uint8_t, std::string>;

// From YAML with `short_form_index_map: {0: Bg, 1: EsoROI}`. Throws UsageError.
LabelNames parse_label_names(std::string_view yaml, const std::string& source);
// From the map itself, `{0: Bg, 1: EsoROI}`.
LabelNames label_names_of(const YAML::Node& names, const std::string& source);
LabelNames load_label_names(const std::filesystem::path& path);

// `mask_01_EsoROI`: the end of a binary mask's file name and its column in the manifests.
std::string mask_column(std::uint8_t label, const std::string& name);
// `01_EsoROI`
std::string label_text(std::uint8_t label, const std::string& name);

}  // namespace nicohort
