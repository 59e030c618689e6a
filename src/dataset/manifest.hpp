// The columns of the manifests (tutorial, routines 01 and 04) and what several routines read from
// them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "image/header.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// Columns of the archive manifest before the additional attributes.
std::vector<std::string> archive_columns(const Recipe& recipe);

// The names that no additional attribute can have, as a manifest or the info file uses them; those
// of the masks' columns depend on the labels. Where samples lie in a folder, info files call it
// `subset`.
std::set<std::string> own_names(const Recipe& recipe);

// `szx szy szz spx spy spz orientation_from orientation_to` of an image.
std::vector<Cell> geometry_cells(const Geometry& geometry);

// Spacing as written in manifests: the fewest digits that give back what the header stores, as a
// double.
double written_spacing(const Geometry& geometry, int axis);

// Indices of these columns. Throws UsageError that names the file and the missing columns.
std::vector<std::size_t> require_columns(const Table& table,
                                         const std::vector<std::string>& columns,
                                         const std::string& file);

}  // namespace nicohort
