// A recipe for an archive that has none, made by looking at its files.
#pragma once

#include <filesystem>
#include <string>

#include "base/listener.hpp"

namespace nicohort {

// A recipe in YAML that matches images in the folder, to be checked and edited. Tells the listener
// what it found (notes). Writes nothing. Throws UsageError where there is no image, or no pattern
// for them.
std::string propose_recipe(const std::filesystem::path& folder, Listener& listener);

}  // namespace nicohort
