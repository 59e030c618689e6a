// One file of metadata, whatever its format, as a table.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/metadata_table.hpp"
#include "table/table_file.hpp"

namespace nicohort {

// header_row is 0 where the format has no header.
struct MetadataFile : ReadTable {
  std::vector<std::string> nested = {};  // columns that hold lists or maps somewhere; empty there
};

// Reads it as the recipe says. Throws as read_table() does.
MetadataFile read_metadata_file(const std::filesystem::path& path, const MetadataTable& how);

// Lines `key: value`, of which the first colon counts, as a table of one row; empty lines and those
// that begin with `#` say nothing. Throws BadInput, naming the line.
MetadataFile parse_key_values(std::string_view text);

// JSON: a list of objects, each a row; an object, which is one row; or the lists that `rows` names
// in an object. Throws BadInput, and UsageError where it has no such list.
MetadataFile parse_metadata_json(std::string_view text, const MetadataTable& how);

}  // namespace nicohort
