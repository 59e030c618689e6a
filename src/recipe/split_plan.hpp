// The splits that a recipe names: its key `splits`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "recipe/condition.hpp"

namespace nicohort {

struct SplitPlan {
  std::string name;                          // of the worksheet
  Condition where;                           // only these samples; none: all
  double test_ratio = 0.4, val_ratio = 0.2;  // of all; of what test leaves
  std::uint32_t random_seed = 0;
  std::string stratify_by;                        // a column; empty: none
  std::vector<std::vector<std::string>> subsets;  // an index manifest each
  bool exclude_rejected = false;                  // leave out what descriptor/review.xlsx rejects

  bool operator==(const SplitPlan&) const = default;
};

std::vector<SplitPlan> read_splits(const YamlValue& list, const Parts& parts,
                                   const RecipeSource& source);

}  // namespace nicohort
