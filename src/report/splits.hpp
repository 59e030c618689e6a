// The splits of a dataset, from the worksheets of its manifest.
#pragma once

#include <filesystem>
#include <vector>

#include "report/cohort_report.hpp"

namespace nicohort {

// The worksheets whose first column is named as they are and that have a column `ID`: what
// make_split writes. Throws as read_table does.
std::vector<ReportedSplit> read_splits(const std::filesystem::path& manifest);

}  // namespace nicohort
