// Samples as the archive manifest lists them: which files, and what is known of the patient.
#pragma once

#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/info.hpp"
#include "dataset/layout.hpp"
#include "dataset/record.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

struct ArchiveSample {
  SampleInfo info;
  // A file of each channel, or one of all; an empty path where there is none.
  std::vector<std::string> volumes;
  std::vector<InputFile> masks;  // one of all labels, or one of each; checksums unknown
  SampleFiles files;             // where the dataset has it

  // Whether no file of the volume is missing.
  bool has_volume() const;
  // All files that there are: of the volume, then of the mask; checksums unknown.
  std::vector<InputFile> inputs() const;
  // Their paths below the archive.
  std::vector<std::string> images() const;
};

// One for each sample of the manifest, sorted by ID. Rows that cannot be used are reported. Throws
// UsageError when the table is no archive manifest; `file` names it.
std::vector<ArchiveSample> samples_of(const Table& manifest, const std::string& file,
                                      const Recipe& recipe, Report& report);

std::vector<std::string> ids_of(const std::vector<ArchiveSample>& samples);

}  // namespace nicohort
