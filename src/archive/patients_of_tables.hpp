// Patients of the recipe of whom a table of metadata says that they are one.
#pragma once

#include <set>

#include "archive/sample_columns.hpp"
#include "base/listener.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// Warns of a column that is called like one that says who the patient is (`patient`, `Subject ID`)
// and has the same value for samples that count as different patients of one site. One with fewer
// values than a tenth of the patients says something else, such as `control`.
void tell_patients_of_tables(const std::set<PartValues>& samples, const SampleColumns& columns,
                             const Recipe& recipe, Listener& listener);

}  // namespace nicohort
