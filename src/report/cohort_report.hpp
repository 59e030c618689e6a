// What the report shows of a cohort, and its form on disk: `window.nicohort` in data.js.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "dataset/info.hpp"
#include "dataset/record.hpp"
#include "dataset/training_fingerprint.hpp"
#include "image/geometry.hpp"
#include "recipe/recipe.hpp"
#include "step/intensity.hpp"
#include "step/labels.hpp"

namespace nicohort {

// What the steps did to a mask, in voxels.
struct Cleaning {
  std::int64_t thresholded = 0;                          // foreground out of a window of values
  std::int64_t removed = 0, filled = 0, relabelled = 0;  // by cleaning
};

// What the report says of a sample's mask.
struct MaskStatistics {
  std::vector<std::pair<std::uint8_t, std::int64_t>> voxels;  // by label but 0, as it is now
  std::vector<std::pair<std::string, std::int64_t>> groups;   // the same by group of labels
  IntensitySummary intensity;                                 // under the mask as drawn
  std::optional<Cleaning> cleaning;                           // none: nothing is on record
  // How many regions, of labels but 0, the first and the last list of small ones has. None: there
  // is no list, or one alone, which is the first.
  std::optional<std::int64_t> small_regions_before, small_regions_after;
};
// From a record that has a mask.
MaskStatistics statistics_of(const SampleRecord& record);

struct ReportedSample {
  SampleInfo info;
  std::string patient = {};  // empty: unknown, or the recipe has none
  bool is_written = false;   // false: could not be used; see the problems
  Geometry geometry;         // of the volume, if it is written
  std::optional<MaskStatistics> mask;
  bool has_thumbnail = false;
  bool expects_mask = false;                    // as the recipe says
  std::optional<TrainingValues> training = {};  // if it has a mask, and this is on record

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
  std::vector<std::pair<std::string, std::string>> sides;  // the side by ID
};

// What a recipe's steps ask for, as far as the report shows it.
struct ReportedThresholds {
  std::optional<Window> window;  // of all thresholding; none: there is none, or several windows
  // Below which size regions are listed, first and last, as in recipes: `300 mm3`. Empty: not at
  // all.
  std::string small_regions_before, small_regions_after;
};
ReportedThresholds thresholds_of(const Steps& steps);

// One of the recipe's parts.
struct ReportedPart {
  std::string name;
  // What samples can be chosen by, if its values are few: those that samples have, in order.
  std::optional<std::vector<std::string>> choices = {};
};

struct CohortReport {
  std::string title;
  IntensityScale intensity;         // the volumes' unit, and the window of the pictures
  std::vector<ReportedPart> parts;  // in the recipe's order
  // The values of the columns `site` and `phase`, which are parts or attributes, in order. Empty:
  // there is no such column.
  std::vector<std::string> sites, phases;
  LabelNames labels;
  LabelGroups groups;                 // that samples have
  std::vector<std::string> channels;  // by name; one without a name where volumes have no channels
  ReportedThresholds thresholds;
  std::vector<ReportedSample> samples;  // sorted by ID
  std::vector<ReportedProblem> problems;
  std::vector<ReportedSplit> splits;
};

// The script, in pieces: there may be very many samples. Safe inside a page whatever the texts
// hold: it is ASCII and has no `<`. Bytes that are not UTF-8 show as \xHH.
void write_data_js(const CohortReport& report, const std::function<void(std::string_view)>& write);

}  // namespace nicohort
