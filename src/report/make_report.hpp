// The report of a cohort (docs/report.md), from the records of its dataset and the tables that the
// commands left.
#pragma once

#include <filesystem>

#include "base/parallel.hpp"
#include "dataset/dataset.hpp"

namespace nicohort {

struct ReportOptions {
  std::filesystem::path root_dir;     // has `grouped`
  std::filesystem::path output = {};  // empty: `report` in root_dir
  std::filesystem::path recipe = {};  // for a dataset that keeps none
  // Elsewhere than `archive` in root_dir, symbolic links in it followed. Empty: there.
  std::filesystem::path archive = {};
};

// Gives what was found wrong. use: unlocked if the caller holds the dataset's lock, and has told
// what is wrong with it as a whole. Throws as Dataset::open does.
Report make_report(const ReportOptions& options, const Context& context,
                   DatasetUse use = DatasetUse::as_it_is);

}  // namespace nicohort
