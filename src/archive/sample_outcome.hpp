// What becomes of a sample of which files are there that cannot be used.
#pragma once

#include <functional>
#include <string>

#include "recipe/recipe.hpp"

namespace nicohort {

enum class Lacking { volume, mask };  // all of it, or a part

// The end of the problem of such a sample, `; the sample is left out`; empty where nothing is known
// of a dataset, or where the sample is used without what is lacking. Called by several threads.
using SampleOutcome = std::function<std::string(const PartValues& sample, Lacking lacking)>;

inline std::string no_outcome(const PartValues&, Lacking) {
  return {};
}

}  // namespace nicohort
