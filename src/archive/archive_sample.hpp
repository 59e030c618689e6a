// Samples as the archive manifest lists them: which files, and what is known of the patient.
#pragma once

#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/info.hpp"
#include "dataset/layout.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

struct ArchiveSample {
  SampleInfo info;
  std::string volume, mask;  // paths below the archive; empty where there is none
  SampleFiles files;         // where the dataset has it
};

// One for each sample of the manifest, sorted by ID. Rows that cannot be used are reported. Throws
// UsageError when the table is no archive manifest; `file` names it.
std::vector<ArchiveSample> samples_of(const Table& manifest, const std::string& file,
                                      const Recipe& recipe, Report& report);

std::vector<std::string> ids_of(const std::vector<ArchiveSample>& samples);

}  // namespace nicohort
