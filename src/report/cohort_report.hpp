// What the report shows of a cohort, and its form on disk: `window.nicohort` in data.js.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "cohort/label_names.hpp"
#include "cohort/sample.hpp"
#include "nifti/geometry.hpp"
#include "step/examine.hpp"

namespace nicohort {

struct ReportedSample {
  SampleInfo info;
  bool is_written = false;  // false: could not be used; see the problems
  Geometry geometry;        // of the volume, if it is written
  std::optional<MaskStatistics> mask;
  bool has_thumbnail = false;

  std::int64_t voxels() const;  // of all labels but 0, after cleaning
  double voxel_volume() const;  // mm³
};

struct ReportedProblem {
  std::string routine;
  Problem problem;
  std::string sample;  // its ID; empty where it is of no sample
};

// A split as its worksheet has it.
struct ReportedSplit {
  std::string name, column;
  std::vector<std::pair<std::string, std::string>> sides;  // `train`, `val`, `test` by ID
};

struct CohortReport {
  std::string title;
  std::vector<std::string> sites, phases;  // in the recipe's order
  LabelNames labels;
  ExaminationParameters parameters;
  std::vector<ReportedSample> samples;  // sorted by ID
  std::vector<ReportedProblem> problems;
  std::vector<ReportedSplit> splits;
};

// Below the report's folder: `thumbnails/TJ_0012_pre.png`.
std::string thumbnail_path(const std::string& id);

// The script. Safe inside a page whatever the texts hold: it is ASCII and has no `<`. Bytes that
// are not UTF-8 show as \xHH.
std::string data_js(const CohortReport& report);

}  // namespace nicohort
