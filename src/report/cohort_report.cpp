#include "report/cohort_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/median.hpp"
#include "dataset/manifest.hpp"
#include "report/outliers.hpp"
#include "report/problems.hpp"
#include "report/thumbnail.hpp"
#include "step/list_small.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

Json texts(const std::vector<std::string>& all) {
  Json array = Json::array();
  for (const std::string& text : all) array.push_back(printable(text));
  return array;
}

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(printable(text));
}

Json or_null(const std::optional<std::int64_t>& number) {
  return number ? Json(*number) : Json();
}

Json cell_json(const Cell& cell) {
  if (is_empty(cell)) return nullptr;
  if (const bool* truth = std::get_if<bool>(&cell)) return *truth;
  const double* number = std::get_if<double>(&cell);
  if (number && std::isfinite(*number)) return *number;
  return printable(to_text(cell));
}

Json intensity_json(const IntensitySummary& s) {
  if (s.voxels == 0) return nullptr;
  return {{"mean", s.mean}, {"sd", s.sd},   {"min", s.min},       {"max", s.max}, {"p5", s.p5},
          {"p25", s.p25},   {"p75", s.p75}, {"median", s.median}, {"p95", s.p95}};
}

Json roi_json(const ReportedSample& sample) {
  if (!sample.mask) return nullptr;
  const double voxel_volume = sample.voxel_volume();
  Json by_label = Json::array();
  for (const auto& [label, voxels] : sample.mask->voxels)
    by_label.push_back(
        {{"label", label}, {"voxels", voxels}, {"volume_mm3", voxels * voxel_volume}});
  Json by_group = Json::array();
  for (const auto& [group, voxels] : sample.mask->groups)
    by_group.push_back(
        {{"name", printable(group)}, {"voxels", voxels}, {"volume_mm3", voxels * voxel_volume}});
  return {{"voxels", sample.voxels()},
          {"volume_mm3", sample.voxels() * voxel_volume},
          {"by_label", by_label},
          {"by_group", by_group},
          {"not_finite", sample.mask->intensity.not_finite},
          {"intensity", intensity_json(sample.mask->intensity)}};
}

Json cleaning_json(const ReportedSample& sample) {
  if (!sample.mask || !sample.mask->cleaning) return nullptr;
  const auto& [thresholded, removed, filled, relabelled] = *sample.mask->cleaning;
  return {{"thresholded", thresholded},
          {"removed", removed},
          {"filled", filled},
          {"relabelled", relabelled},
          {"small_regions_before", or_null(sample.mask->small_regions_before)},
          {"small_regions_after", or_null(sample.mask->small_regions_after)}};
}

Json part_json(const ReportedPart& part) {
  return {{"name", printable(part.name)},
          {"choices", part.choices ? texts(*part.choices) : Json()}};
}

Json image_json(const ReportedSample& sample) {
  if (!sample.is_written) return nullptr;
  const Geometry& g = sample.geometry;
  return {{"size", {g.size.x, g.size.y, g.size.z}},
          {"spacing", {written_spacing(g, 0), written_spacing(g, 1), written_spacing(g, 2)}},
          {"orientation", orientation_to(g.affine)},
          {"axes", voxel_axes(g.affine)}};
}

Json group_json(const LabelGroup& group) {
  return {{"name", printable(group.name)}, {"labels", group.labels}};
}

Json sample_json(const ReportedSample& sample, const std::vector<ReportedPart>& all_parts) {
  const SampleInfo& info = sample.info;
  Json parts = Json::object();
  for (const ReportedPart& part : all_parts)
    parts[printable(part.name)] = printable(info.part(part.name));
  Json attributes = Json::object();
  for (const auto& [column, value] : info.attributes)
    attributes[printable(column)] = cell_json(value);
  return {{"id", printable(info.id)},
          {"patient", or_null(sample.patient)},
          {"parts", parts},
          {"written", sample.is_written},
          {"attributes", attributes},
          {"expects_mask", sample.expects_mask},
          {"image", image_json(sample)},
          {"roi", roi_json(sample)},
          {"cleaning", cleaning_json(sample)},
          {"thumbnail", sample.has_thumbnail ? Json(thumbnail_path(info.id)) : Json()}};
}

Json window_json(const std::optional<Window>& window) {
  return window ? Json{window->low, window->high} : Json();
}

Json thresholds_json(const ReportedThresholds& thresholds) {
  return {{"window", window_json(thresholds.window)},
          {"small_regions_before", or_null(thresholds.small_regions_before)},
          {"small_regions_after", or_null(thresholds.small_regions_after)}};
}

Json problem_json(const ReportedProblem& reported) {
  const auto& [routine, problem, sample] = reported;
  return {{"routine", printable(routine)},
          {"kind", name_of(problem.kind)},
          {"subject", printable(problem.subject)},
          {"what", printable(problem.what)},
          {"sample", or_null(sample)}};
}

Json split_json(const ReportedSplit& split) {
  Json rows = Json::object();
  for (const auto& [id, side] : split.sides) rows[printable(id)] = printable(side);
  return {{"name", printable(split.name)}, {"column", printable(split.column)}, {"rows", rows}};
}

Json range_json(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  return {{"median", median_of(values)}, {"min", *least}, {"max", *most}};
}

// Along each axis of the files.
template <class ValueOf>
Json axes_json(const std::vector<const ReportedSample*>& cases, ValueOf&& value_of) {
  Json axes = Json::array();
  for (int axis = 0; axis < 3; ++axis) {
    std::vector<double> values;
    for (const ReportedSample* one : cases) values.push_back(value_of(*one, axis));
    axes.push_back(range_json(values));
  }
  return axes;
}

Json foreground_json(const std::string& channel, const DatasetForeground& foreground) {
  return {{"channel", or_null(channel)},
          {"mean", foreground.mean},
          {"sd", foreground.sd},
          {"median", foreground.median},
          {"p00_5", foreground.percentile_00_5},
          {"p99_5", foreground.percentile_99_5}};
}

Json fingerprint_json(const CohortReport& report) {
  std::vector<const ReportedSample*> cases;
  std::vector<const TrainingValues*> values;
  for (const ReportedSample& sample : report.samples)
    if (sample.training) {
      cases.push_back(&sample);
      values.push_back(&*sample.training);
    }
  if (cases.empty()) return nullptr;
  const auto channels = dataset_foreground(values);
  Json foreground = Json::array();
  for (std::size_t i = 0; i < channels.size() && i < report.channels.size(); ++i)
    if (channels[i]) foreground.push_back(foreground_json(report.channels[i], *channels[i]));
  const auto spacing = [](const ReportedSample& one, int axis) {
    return written_spacing(one.geometry, axis);
  };
  const auto size = [](const ReportedSample& one, int axis) {
    return static_cast<double>(one.training->cropped_size(axis));
  };
  return {{"cases", cases.size()},
          {"spacing", axes_json(cases, spacing)},
          {"size", axes_json(cases, size)},
          {"foreground", foreground}};
}

template <class All, class ToJson>
Json array_of(const All& all, ToJson&& to_json) {
  Json array = Json::array();
  for (const auto& one : all) array.push_back(to_json(one));
  return array;
}

// `window.nicohort = {…};`, field by field.
class Script {
 public:
  explicit Script(const std::function<void(std::string_view)>& write) : write_(write) {
    write_("window.nicohort = {");
  }

  void field(const char* name, const Json& value) {
    begin(name);
    put(value);
  }
  template <class All, class ToJson>
  void list(const char* name, const All& all, ToJson&& to_json) {
    begin(name);
    write_("[");
    bool is_first = true;
    for (const auto& one : all) {
      if (!std::exchange(is_first, false)) write_(",");
      put(to_json(one));
    }
    write_("]");
  }
  void finish() { write_("};\n"); }

 private:
  void begin(const char* name) {
    if (!std::exchange(is_first_, false)) write_(",");
    put(name);
    write_(":");
  }
  // In a JSON text `<` is only ever within a string, where it can be written by its number.
  void put(const Json& value) {
    std::string text;
    for (char c : value.dump(-1, ' ', true))
      if (c == '<')
        text += "\\u003c";
      else
        text += c;
    write_(text);
  }

  const std::function<void(std::string_view)>& write_;
  bool is_first_ = true;
};

}  // namespace

MaskStatistics statistics_of(const SampleRecord& record) {
  MaskStatistics mask;
  mask.voxels = record.mask->voxels;
  mask.intensity = record.mask->intensity;
  for (const LabelGroup& group : record.groups) {
    const auto chosen = group.chosen();
    std::int64_t& voxels = mask.groups.emplace_back(group.name, 0).second;
    for (const auto& [label, of_label] : mask.voxels)
      if (chosen[label]) voxels += of_label;
  }
  Cleaning& cleaning = mask.cleaning.emplace();
  for (const StepRecord& step : record.steps) {
    const auto count = [&](const char* name) {
      const auto found = step.findings.counts.find(name);
      return found == step.findings.counts.end() ? 0 : found->second;
    };
    if (step.work.name == "threshold") {
      cleaning.thresholded += count("removed");
    } else if (step.work.name == "list_small") {
      std::int64_t regions = 0;
      for (const LabelRegions& label : step.findings.regions)
        if (label.label != 0) regions += std::ssize(label.regions);
      (mask.small_regions_before ? mask.small_regions_after : mask.small_regions_before) = regions;
    } else {
      cleaning.removed += count("removed");
      cleaning.filled += count("filled");
      cleaning.relabelled += count("relabelled");
    }
  }
  return mask;
}

ReportedThresholds thresholds_of(const Steps& steps) {
  ReportedThresholds thresholds;
  bool has_several_windows = false;
  for (const StepPtr& step : steps) {
    for (const Window& window : step->windows()) {
      if (thresholds.window && !(*thresholds.window == window)) has_several_windows = true;
      thresholds.window = window;
    }
    if (const auto* list = dynamic_cast<const ListSmall*>(step.get()))
      (thresholds.small_regions_before.empty() ? thresholds.small_regions_before
                                               : thresholds.small_regions_after) =
          text_of(list->smaller_than());
  }
  if (has_several_windows) thresholds.window.reset();
  return thresholds;
}

std::int64_t ReportedSample::voxels() const {
  std::int64_t all = 0;
  if (mask)
    for (const auto& [label, of_label] : mask->voxels) all += of_label;
  return all;
}

double ReportedSample::voxel_volume() const {
  return geometry.spacing[0] * geometry.spacing[1] * geometry.spacing[2];
}

void write_data_js(const CohortReport& report, const std::function<void(std::string_view)>& write) {
  Script script(write);
  script.field("program", "nicohort " NICOHORT_VERSION);
  script.field("title", printable(report.title));
  script.field("unit", or_null(report.intensity.unit));
  script.field("picture_window", window_json(report.intensity.window));
  script.field("parts", array_of(report.parts, part_json));
  script.field("sites", texts(report.sites));
  script.field("phases", texts(report.phases));
  script.field("labels", array_of(report.labels, [](const auto& label) {
                 return Json{{"label", label.first}, {"name", printable(label.second)}};
               }));
  script.field("label_groups", array_of(report.groups, group_json));
  script.field("thresholds", thresholds_json(report.thresholds));
  script.list("samples", report.samples,
              [&](const auto& sample) { return sample_json(sample, report.parts); });
  script.list("problems", report.problems, problem_json);
  script.list("outliers", find_outliers(report.samples, report.phases, report.intensity.unit),
              [](const Outlier& outlier) {
                return Json{{"sample", printable(outlier.sample)},
                            {"kind", outlier.kind},
                            {"what", printable(outlier.what)}};
              });
  script.field("fingerprint", fingerprint_json(report));
  script.list("splits", report.splits, split_json);
  script.finish();
}

}  // namespace nicohort
