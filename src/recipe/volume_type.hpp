// `volume_type` as a command line gives it.
#pragma once

#include <filesystem>
#include <string>

#include "recipe/recipe.hpp"

namespace nicohort {

// The recipe as load_recipe() gives it, with this `volume_type`, which its text then has, too, so
// that the dataset keeps it. Empty: as the recipe says. Throws UsageError, also for a recipe that
// says something else.
Recipe load_recipe(const std::filesystem::path& recipe, const std::string& type);

}  // namespace nicohort
