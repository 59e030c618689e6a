// Recipes that name patients, which pseudonyms do not allow: the recipe would be compared with
// pseudonyms, and the dataset keeps a copy of it.
#pragma once

#include "archive/archive_names.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// Throws UsageError, with the line, where the recipe has a map of the part `pid`, or gives values
// for it or a column that has the same, other than pseudonyms.
void require_no_values_of_pid(const Recipe& recipe);

// Throws UsageError, with the lines, where the recipe has an identifier of the archive, which has
// been listed. Such words have at least five characters; outside of values for columns also a
// digit.
void require_no_identifiers(const Recipe& recipe, const ArchiveNames& names);

}  // namespace nicohort
