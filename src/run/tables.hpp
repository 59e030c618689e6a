// The tables of a run: what the single commands write, from the records.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "recipe/recipe.hpp"
#include "run/written_samples.hpp"

namespace nicohort {

inline const std::string archive_manifest_path = "descriptor/archive_manifest.xlsx",
                         dataset_manifest_path = "grouped/dataset_manifest.xlsx";

// What is wrong with one of the recipe's splits, with its line.
std::string in_recipe(const Recipe& recipe, const SplitPlan& plan, const std::string& what);

// Before anything is written: throws UsageError where a table could not be written, or not without
// losing what is in its place. Warns of splits that will be drawn anew because their
// worksheets are gone.
void require_tables(const std::filesystem::path& root, const Recipe& recipe, Listener& listener);

// All tables: those of the recipe's `list_small` steps in descriptor/, the manifest (routine 04,
// beside which other worksheets of the workbook stay), splits (routines 05 and 06), the samples
// that are there twice, and the problems of the run. A split that this archive cannot have is a
// problem, not the end. in_archive: the IDs of the samples that the archive has, sorted; those that
// the manifest lacks are told.
void write_tables(const std::filesystem::path& root, const Recipe& recipe, WrittenSamples samples,
                  const std::vector<std::string>& in_archive, Report& report);

}  // namespace nicohort
