// The samples that a dataset has, as a run leaves it: read once, for all tables.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/region_table.hpp"
#include "dataset/same_scans.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// For how many samples a step was done, and for how many it was left out, by its `where`.
struct StepCount {
  std::size_t done = 0, spared = 0;
};

// What the tables need of all samples with files: also of those that could not be made anew now,
// and of those that were made of another archive.
struct WrittenSamples {
  std::vector<std::string> ids;                     // sorted
  DatasetTable manifest;                            // their rows
  std::vector<FingerprintedSample> volumes;         // of those that have one
  std::vector<std::vector<SampleRegions>> regions;  // for each of the recipe's region tables
  std::vector<std::string> not_finite;              // IDs of volumes with NaN or infinite voxels
  std::vector<StepCount> steps;                     // of each step of the recipe
};

// ids: of samples with a record, sorted; those that have no files are left out. One whose info file
// cannot be read is reported.
WrittenSamples read_written_samples(const std::filesystem::path& dataset, const Recipe& recipe,
                                    const std::vector<std::string>& ids, Report& report);

}  // namespace nicohort
