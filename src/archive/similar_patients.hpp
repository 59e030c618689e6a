// Patients that are probably one, whose identifier is not always spelled alike.
#pragma once

#include <set>

#include "archive/archive_names.hpp"
#include "base/listener.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// Warns once of all patients whose identifiers differ only by case, spaces, dashes or Unicode form,
// such as `P001` and `p001` of one site. samples: as presented.
void tell_similar_patients(const std::set<PartValues>& samples, const Recipe& recipe,
                           const ArchiveNames& names, Listener& listener);

}  // namespace nicohort
