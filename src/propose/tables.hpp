// Tables of an archive that have a row for each patient.
#pragma once

#include <string>
#include <vector>

#include "propose/draft.hpp"

namespace nicohort {

// A sample by its parts, with the names that the archive has for them, and short ones.
struct DraftSample {
  std::vector<std::pair<std::string, std::string>> short_forms, in_archive;  // part, value
  std::string pid;
};

// Adds the tables with a column that has the samples' identifiers, wherever they are in the root
// or its folders. Says what else it found in comments.
void add_tables(const ArchiveFiles& files, const std::vector<DraftSample>& samples, Draft& draft);

}  // namespace nicohort
