// Routines 05 and 06 as functions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/split.hpp"

namespace nicohort {

struct SplitOptions {
  std::filesystem::path manifest_file;
  std::string sheet_name = "Manifest", split_name, stratify_by;
  std::vector<std::string> sites;
  SplitRatios ratios;
  std::uint32_t random_seed = 0;
  // Samples that this review rejects are left out.
  std::optional<std::filesystem::path> review_file = {};
};
// Where `nicohort view` keeps the review of the dataset that has this manifest:
// ../descriptor/review.xlsx.
std::filesystem::path review_beside(const std::filesystem::path& manifest_file);
// Puts the split's worksheet into the manifest, its problems into the report and beside the
// manifest. Throws UsageError.
void make_split(const SplitOptions& options, Report& report);

using Subsets = std::vector<std::string>;
struct IndexOptions {
  std::filesystem::path manifest_file, output_dir;
  std::string split_name;
  std::vector<Subsets> groups;  // a workbook for each
};
// Throws UsageError, before anything is written, if one of the subsets has no row.
void extract_split_index_manifest(const IndexOptions& options);

}  // namespace nicohort
