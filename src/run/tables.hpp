// The tables of a run: what the single commands write, from the records.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/info.hpp"
#include "dataset/record.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// A sample with files in the dataset, and what its info file says of it.
struct WrittenSample {
  const SampleRecord* record;
  SampleInfo info;
};

inline const std::string archive_manifest_path = "descriptor/archive_manifest.xlsx",
                         dataset_manifest_path = "grouped/dataset_manifest.xlsx";

// What is wrong with one of the recipe's splits, with its line.
std::string in_recipe(const Recipe& recipe, const SplitPlan& plan, const std::string& what);

// The tables of the recipe's `list_small` steps, in descriptor/.
void write_region_tables(const std::filesystem::path& root, const Recipe& recipe,
                         const std::vector<WrittenSample>& samples, Report& report);

// Routine 04. Other worksheets of the workbook stay.
void write_dataset_manifest(const std::filesystem::path& root,
                            const std::vector<WrittenSample>& samples, Listener& listener);

// Routines 05 and 06. A split that this archive cannot have is a problem, not the end.
void write_splits(const std::filesystem::path& root, const Recipe& recipe,
                  const std::vector<WrittenSample>& samples, Report& report);

}  // namespace nicohort
