// The steps that a recipe names: its key `steps`.
#pragma once

#include "recipe/reader.hpp"
#include "step/step.hpp"

namespace nicohort {

// Each with its parameters as the recipe gives them, checked against their declaration. Lists of
// small regions that name no output get their default name.
Steps read_steps(const YamlValue& list, const RecipeSource& source);

}  // namespace nicohort
