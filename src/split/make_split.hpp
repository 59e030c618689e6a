// Dividing a dataset's patients into sides (train, val and test, or folds), as a worksheet of its
// manifest (SPEC 4, routine 05).
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/parallel.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

struct SplitOptions {
  std::filesystem::path manifest_file = {};
  std::string sheet_name = "Manifest";
  SplitPlan plan = {};
  // What rules with `exclude_rejected` follow; none: the review beside the manifest.
  std::optional<std::filesystem::path> review_file = {};
};

// Where `nicohort view` keeps the review of the dataset that has this manifest:
// ../descriptor/review.xlsx.
std::filesystem::path review_beside(const std::filesystem::path& manifest_file);

// Throws UsageError where a worksheet and column of the manifest cannot have the split's name.
// sheet_name, columns: the manifest's.
void require_split_name(const SplitPlan& plan, const std::string& sheet_name,
                        const std::vector<std::string>& columns);

// Where the dataset knows that it has this split, but its worksheet is gone from the manifest:
// warns that patients are drawn anew, or throws UsageError if the split is to keep their sides.
void require_worksheet(const std::filesystem::path& manifest, const SplitPlan& plan,
                       Listener& listener);

// Puts the split's worksheet into the manifest, its problems into the report and beside the
// manifest. recipe: the dataset's. Throws UsageError.
void make_split(const SplitOptions& options, const Recipe& recipe, Report& report);

}  // namespace nicohort
