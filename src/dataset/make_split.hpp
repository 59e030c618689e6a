// Dividing a dataset's patients into train, val and test, as a worksheet of its manifest (SPEC 4,
// routine 05).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/split.hpp"
#include "recipe/condition.hpp"

namespace nicohort {

struct SplitOptions {
  std::filesystem::path manifest_file;
  std::string sheet_name = "Manifest", split_name, stratify_by;
  Condition where;  // only these rows; none: all
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

}  // namespace nicohort
