// The files of an archive that can be tables of metadata.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "propose/draft.hpp"
#include "recipe/metadata_table.hpp"

namespace nicohort {

// One file, or one for each value of a part.
struct TableFiles {
  std::string pattern;
  std::string part;                                        // empty: one file for all
  std::vector<std::pair<std::string, std::string>> files;  // the part's short form, path
};

// By the ending of a file's name; nothing if it is no table.
std::optional<MetadataTable::Format> table_format(const std::string& name);

// Those in the archive's folder and in the folders in it that the draft does not have. Says in a
// comment of the draft if they are too many.
std::vector<TableFiles> table_files(const ArchiveFiles& files, Draft& draft);

}  // namespace nicohort
