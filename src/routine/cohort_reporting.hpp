// The report of a cohort: made by reading its dataset, or from what a run knows of it.
#pragma once

#include <filesystem>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/recipe.hpp"
#include "report/cohort_report.hpp"
#include "run/pipeline.hpp"

namespace nicohort {

struct ReportOptions {
  std::filesystem::path root_dir;
  std::filesystem::path output;  // empty: `report` in root_dir
  std::filesystem::path recipe;  // empty: the built-in one
};
// Reads every volume of the dataset once, and writes the report. Gives what was found wrong. Throws
// UsageError when there is no dataset.
Report make_report(const ReportOptions& options, const Effort& effort);

ExaminationParameters examination_of(const Pipeline& pipeline);

struct ReportPlace {
  const std::filesystem::path &root, &output;
  const Recipe& recipe;
  const Pipeline& pipeline;  // with the labels of the dataset
  bool is_all;               // pictures of other samples are out of date
};
// Writes the report of these samples, whose thumbnails are written, with the splits and problems
// that the commands left in tables below the root, and the problems of the report's own making, to
// which it adds.
void put_report(const ReportPlace& place, std::vector<ReportedSample> samples, Report& problems);

}  // namespace nicohort
