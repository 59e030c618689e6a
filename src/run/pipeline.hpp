// The part of a recipe that says what `nicohort run` does with the archive: its key `pipeline`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cohort/label_names.hpp"
#include "cohort/split.hpp"
#include "step/denoise.hpp"
#include "step/threshold.hpp"

namespace nicohort {

struct SplitPlan {
  std::string name;
  std::vector<std::string> sites;
  SplitRatios ratios;
  std::uint32_t random_seed = 0;
  std::string stratify_by;                        // a column; empty: none
  std::vector<std::vector<std::string>> subsets;  // one index manifest each
  bool exclude_rejected = false;                  // leave out what descriptor/review.xlsx rejects
};

// What a recipe does not name is not done.
struct Pipeline {
  std::optional<Window> threshold = {};           // mask_thresholding; none: left out
  std::optional<double> small_regions = {},       // mm³, before denoising; none: no table
      small_regions_after = {};                   // and after it
  std::optional<DenoiseParameters> denoise = {};  // none: left out
  std::optional<Window> denoise_threshold = {};   // none: --no_thresh
  LabelNames labels = {};                         // empty: only the dataset's own label map
  std::vector<SplitPlan> splits = {};
};

// From a recipe's text. Throws UsageError.
Pipeline parse_pipeline(std::string_view recipe_yaml, const std::string& source);
// From a recipe file; the built-in recipe if the path is empty.
Pipeline load_pipeline(const std::filesystem::path& recipe);

}  // namespace nicohort
