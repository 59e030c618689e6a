// The steps that a recipe names: its key `steps`.
#pragma once

#include <string>
#include <vector>

#include "recipe/condition.hpp"
#include "recipe/reader.hpp"
#include "step/step.hpp"

namespace nicohort {

struct RecipeStep {
  StepPtr step;
  Condition where;  // of the samples that it is for
};
using RecipeSteps = std::vector<RecipeStep>;

Steps all_steps(const RecipeSteps& steps);
// As they are done to one sample: those that are not for it are spared.
Steps steps_for(const RecipeSteps& steps, const ValueOf& value_of);

// Each with its parameters as the recipe gives them, checked against their declaration. Lists of
// small regions that name no output get their default name. labels: those that steps may name; none
// where the recipe leaves them to the dataset.
RecipeSteps read_steps(const YamlValue& list, const LabelNames& labels, const Parts& parts,
                       const RecipeSource& source);

// One such step, as a command line gives it: `keep_largest: {of: foreground}`, or its name alone.
// Throws UsageError.
RecipeStep read_step(const std::string& yaml, const Parts& parts);

}  // namespace nicohort
