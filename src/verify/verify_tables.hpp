// Do a dataset's tables say what its samples are, and agree with each other?
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/review.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

struct TablePlaces {
  const std::filesystem::path& manifest_file;
  const std::string& sheet_name;  // of the manifest
  const std::filesystem::path& index_manifests;
};

struct VerifiedTables {
  std::size_t splits = 0, index_manifests = 0;  // found
};

// What tables are compared with.
struct TableTruth {
  const std::filesystem::path& dataset;
  const std::map<std::string, std::string>& patients;  // by ID, as the samples' files say
  const Recipe& recipe;
  const std::map<std::string, std::vector<SplitRule>>& plans;  // of the manifest's splits, by name
  const Review& review;
};

// The manifest against what it should be (`expected`, every cell), every split of it against the
// manifest (each patient on one side, the rows and sides that its plan asks for; without a plan
// nobody of its sites missing but who was rejected in the review), and the index manifests below
// `index_manifests` against their splits.
VerifiedTables verify_tables(const TablePlaces& places, Table expected, const TableTruth& truth,
                             Report& report);

}  // namespace nicohort
