// Names that the formats can hold.
#pragma once

#include <filesystem>
#include <string>

#include "export/cohort.hpp"
#include "export/export_dataset.hpp"
#include "export/plan.hpp"

namespace nicohort {

// How a format calls datasets: `Dataset042_Liver`, `Task42_Liver`.
struct NumberedNames {
  const char* prefix;
  int most;          // the highest number
  bool underscores;  // whether a name can have them
};

// From --dataset_id and --dataset_name, or the recipe's name. Throws UsageError where one of them
// is missing or cannot be in a folder's name.
std::string numbered_name(const ExportOptions& options, const Recipe& recipe,
                          const NumberedNames& format);

// The path of a file as an index in this folder names it (POSIX).
std::string path_from(const std::filesystem::path& folder, const std::filesystem::path& file);

// Finds IDs that differ in case only, which some disks and programs take for one.
void require_distinct_ids(const ExportCohort& cohort, Findings& findings);

// Finds files of the plan that would have one name, at least where case is ignored. What the format
// itself has found wrong with names is not told again.
void require_distinct_files(const ExportPlan& plan, const ExportCohort& cohort, Findings& findings);

// Finds masks with new numbers where the dataset's own files are named.
void refuse_new_labels(const ExportLabels& labels, Findings& findings);

}  // namespace nicohort
