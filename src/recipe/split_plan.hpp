// The splits that a recipe names: its key `splits`.
#pragma once

#include <vector>

#include "recipe/reader.hpp"
#include "recipe/split_rule.hpp"

namespace nicohort {

std::vector<SplitPlan> read_splits(const YamlValue& list, const Parts& parts,
                                   const RecipeSource& source);

}  // namespace nicohort
