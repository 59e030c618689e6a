// Names of the labels of a multi-label mask: `label_map.yaml`, and a recipe's key `labels`.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "recipe/reader.hpp"
#include "step/labels.hpp"

namespace nicohort {

// From YAML with `short_form_index_map: {0: Bg, 1: EsoROI}`, or `full_form_index_map` without it.
// In names blanks and slashes become `_`. Throws UsageError.
LabelNames parse_label_map(std::string_view yaml, const std::string& source);
LabelNames load_label_map(const std::filesystem::path& path);

// A recipe's `labels: {0: Bg, 1: EsoROI}`.
LabelNames read_labels(const YamlValue& map, const RecipeSource& source);

}  // namespace nicohort
