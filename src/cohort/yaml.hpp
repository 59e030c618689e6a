// YAML in and out, over yaml-cpp.
#pragma once

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "table/table.hpp"

namespace nicohort {

// Throws UsageError that names `source` and the line; also for aliases (`*name`), which make YAML
// explode.
YAML::Node parse_yaml(std::string_view text, const std::string& source);

// A file that the user named, at most a megabyte. Throws UsageError.
std::string read_small_text(const std::filesystem::path& path);

// A value as one YAML scalar. Text is quoted wherever YAML 1.1 or 1.2 would read it as another
// type.
std::string yaml_scalar(const Cell& cell);
// The value of a scalar: quoted is text; plain is a number, true/false, null or text.
Cell yaml_cell(const YAML::Node& node);

}  // namespace nicohort
