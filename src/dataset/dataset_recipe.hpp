// The recipe that a dataset was made with, which it keeps (SPEC 1).
#pragma once

#include <filesystem>

#include "recipe/recipe.hpp"

namespace nicohort {

// For commands that work on a dataset. given: a file or a built-in name, or empty. The dataset's
// own recipe; if it keeps none, the given or the default one. Throws UsageError for a given one
// that is not the dataset's, and as load_recipe does.
Recipe load_dataset_recipe(const std::filesystem::path& dataset,
                           const std::filesystem::path& given = {});

}  // namespace nicohort
