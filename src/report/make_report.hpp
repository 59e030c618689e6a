// The report of a cohort (docs/report.md), from the records of its dataset and the tables that the
// commands left.
#pragma once

#include <filesystem>

#include "base/parallel.hpp"

namespace nicohort {

struct ReportOptions {
  std::filesystem::path root_dir;     // has `grouped`
  std::filesystem::path output = {};  // empty: `report` in root_dir
  std::filesystem::path recipe = {};  // for a dataset that keeps none
};

enum class DatasetLocking {
  needed,   // others may write; what a stopped command decided is completed first
  is_held,  // the caller holds the dataset's lock
};

// Gives what was found wrong. Throws UsageError when there is no dataset.
Report make_report(const ReportOptions& options, const Context& context,
                   DatasetLocking locking = DatasetLocking::needed);

}  // namespace nicohort
