// A recipe for an archive that has none, made by looking at its files.
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

// A recipe in YAML that matches images in the folder, to be checked and edited. Tells the report's
// listener what it found (notes). Problems: folders that cannot be read, and a proposal that gives
// no sample, or leaves masks out. Writes nothing. Throws UsageError where there is no image, or no
// pattern for them.
std::string propose_recipe(const std::filesystem::path& folder, Report& report);

}  // namespace nicohort
