// What the subsets of a split are for.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "recipe/split_rule.hpp"

namespace nicohort {

enum class SplitUse {
  none,     // there is no split: all samples are for training, those without a mask for testing
  subsets,  // `train`, `val`, `test`
  folds,    // of cross-validation, and perhaps `test`
  names,    // subsets of other names: nobody can train with them, but a table can have them
};

struct UsedSplit {
  SplitUse use = SplitUse::none;
  std::vector<std::string> folds = {};  // their subsets, in order
  std::string fault = {};               // of `names`: why, and what to do
};

// subsets: their names. rules: by which the split was made; none where that is not known. Names are
// folds only if they are 0, 1, … or the rules say so: the official `Train` and `Test` of an archive
// are none.
UsedSplit used_split(const std::set<std::string>& subsets, const std::vector<SplitRule>& rules);

}  // namespace nicohort
