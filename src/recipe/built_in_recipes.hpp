// The recipes of recipes/*.yaml as text; CMake makes the definition from the files.
#pragma once

#include <string_view>
#include <vector>

namespace nicohort {

struct BuiltInRecipe {
  std::string_view name;  // of the file, without its ending: `eso-2025.10.31`
  std::string_view text;
};
const std::vector<BuiltInRecipe>& built_in_recipes();
// By its name, in any case. Throws UsageError.
const BuiltInRecipe& built_in_recipe(std::string_view name);

}  // namespace nicohort
