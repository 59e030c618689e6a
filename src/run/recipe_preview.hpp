// What `run --dry_run` shows the author of a recipe (SPEC 5): which files its patterns match, and
// what its splits would hold.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// For each pattern how many of the images match it, the first three with their parts; and those
// that match none, by kind: paths that differ in their numbers only. images: as presented, sorted.
void preview_patterns(const std::vector<std::string>& images, const ArchiveNames& names,
                      const Recipe& recipe, Listener& listener);

// Patients and samples on each side of each split of these samples (IDs). A split that goes by
// columns which only the dataset manifest has is named as such; one that this archive cannot have
// is reported. there: the worksheets of the dataset manifest.
void preview_splits(const Table& archive_manifest, const std::set<std::string>& ids,
                    const Recipe& recipe, const std::set<std::string>& there, Report& report);

// Throws UsageError for a split with a name that it cannot have, or of values that none of these
// samples has, before hours go into a dataset without it. Values that the recipe itself lists for a
// part may come later; columns were checked with the archive.
void require_splits(const Table& archive_manifest, const std::set<std::string>& ids,
                    const Recipe& recipe);

}  // namespace nicohort
