// recipes/eso-2025.10.31.yaml as text; CMake makes the definition from the file.
#pragma once

#include <string_view>

namespace nicohort {

extern const std::string_view built_in_recipe;
inline constexpr const char* built_in_recipe_name = "ESO-2025.10.31 (built in)";

}  // namespace nicohort
