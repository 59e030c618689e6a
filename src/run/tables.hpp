// The tables of a run: what the single commands write, from the records.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/info.hpp"
#include "dataset/record.hpp"
#include "recipe/recipe.hpp"
#include "run/make_samples.hpp"
#include "run/plan.hpp"
#include "table/table.hpp"

namespace nicohort {

// A sample with files in the dataset, and what its info file says of it.
struct WrittenSample {
  const SampleRecord* record;
  SampleInfo info;
};

// A dataset as a run leaves it. outcomes: of the samples, in their order.
struct MadeDataset {
  const std::filesystem::path& dataset;
  const Recipe& recipe;
  const std::vector<ArchiveSample>& samples;
  const std::vector<SampleOutcome>& outcomes;
  const Plan& plan;
};

// All that it has, by ID, as gen_dataset_manifest finds them: also what could not be made anew now,
// and what was made of another archive. The outcomes and the plan must stay.
std::vector<WrittenSample> written_samples(const MadeDataset& made, Report& report);

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

// All of these tables, the samples that are there twice, and the problems of the run. in_archive:
// the IDs of the samples that the archive has, sorted; those that the manifest lacks are told.
void write_tables(const std::filesystem::path& root, const Recipe& recipe,
                  const std::vector<WrittenSample>& samples,
                  const std::vector<std::string>& in_archive, Report& report);

}  // namespace nicohort
