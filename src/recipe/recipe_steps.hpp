// The steps that a recipe names: its key `steps`.
#pragma once

#include "recipe/reader.hpp"
#include "step/step.hpp"

namespace nicohort {

// Each with its parameters as the recipe gives them, checked against their declaration. Lists of
// small regions that name no output get their default name. labels: those that steps may name; none
// where the recipe leaves them to the dataset.
Steps read_steps(const YamlValue& list, const LabelNames& labels, const RecipeSource& source);

}  // namespace nicohort
