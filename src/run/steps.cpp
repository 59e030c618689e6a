#include "run/steps.hpp"

#include <cmath>
#include <limits>

#include "mask/sets.hpp"

namespace nicohort {
namespace {

constexpr const char* thresholding = "mask_thresholding";

std::string name_of(Compression compression) {
  switch (compression) {
    case Compression::fast:
      return "fast";
    case Compression::small:
      return "small";
    default:
      return "balanced";
  }
}

// JSON has no infinity.
nlohmann::json json_of(double bound) {
  if (std::isinf(bound)) return bound < 0 ? "-inf" : "inf";
  return bound;
}

std::optional<double> bound_of(const nlohmann::json& json) {
  if (json == "inf" || json == "-inf")
    return json == "inf" ? std::numeric_limits<double>::infinity()
                         : -std::numeric_limits<double>::infinity();
  return json.is_number() ? std::optional(json.get<double>()) : std::nullopt;
}

nlohmann::json json_of(const std::optional<Window>& window) {
  if (!window) return nullptr;
  return {json_of(window->low), json_of(window->high)};
}

// Null where there is none: a record may have been edited.
nlohmann::json value_of(const nlohmann::json& map, const char* key) {
  return map.is_object() && map.contains(key) ? map.at(key) : nlohmann::json();
}

}  // namespace

Step confirm_step(Compression compression) {
  return {"confirm_pairs", {{"compression", name_of(compression)}}, nlohmann::json::object()};
}

Step threshold_step(Window window, Compression compression) {
  return {thresholding,
          {{"thresh", json_of(window)}, {"compression", name_of(compression)}},
          nlohmann::json::object()};
}

Step with_counts(Step step, std::int64_t thresholded) {
  step.counts = {{"thresholded", thresholded}};
  return step;
}

Step extract_step(const LabelNames& names, Compression compression) {
  nlohmann::json labels = nlohmann::json::object();
  for (const auto& [label, name] : names) labels[std::to_string(label)] = name;
  return {"extract_binary_masks",
          {{"short_form_index_map", labels}, {"compression", name_of(compression)}},
          nlohmann::json::object()};
}

Step with_counts(Step step, const LabelNames& names, const LabelMask& mask) {
  const auto voxels = count_labels(mask);
  for (const auto& [label, name] : names) step.counts[label_text(label, name)] = voxels[label];
  return step;
}

Step denoise_step(const DenoiseParameters& parameters, const std::optional<Window>& window,
                  Compression compression) {
  return {"morphological_open_on_slice_small_region",
          {{"kernel_size", {parameters.kernel_x, parameters.kernel_y}},
           {"filter_halfedge", parameters.filter_halfedge},
           {"region_area_thresh", parameters.region_area_thresh},
           {"thresh", json_of(window)},
           {"empty_label",
            parameters.empty_label == EmptyLabel::background ? "background" : "neighbourhood"},
           {"compression", name_of(compression)}},
          nlohmann::json::object()};
}

Step with_counts(Step step, const Cleaning& changes) {
  step.counts = {{"thresholded", changes.thresholded},
                 {"removed", changes.removed},
                 {"filled", changes.filled},
                 {"relabelled", changes.relabelled}};
  return step;
}

std::optional<Window> window_on(const SampleRecord& record) {
  std::optional<Window> window;
  for (const Step& step : record.steps)
    if (step.routine == thresholding) {
      const nlohmann::json thresh = value_of(step.parameters, "thresh");
      if (!thresh.is_array() || thresh.size() != 2) continue;
      const auto low = bound_of(thresh[0]), high = bound_of(thresh[1]);
      if (low && high) window = Window{*low, *high};
    }
  return window;
}

Cleaning cleaning_by(const Step& step) {
  auto counted = [&](const char* what) {
    const nlohmann::json count = value_of(step.counts, what);
    return count.is_number_integer() ? count.get<std::int64_t>() : 0;
  };
  return {counted("thresholded"), counted("removed"), counted("filled"), counted("relabelled")};
}

Cleaning cleaning_on(const SampleRecord& record) {
  Cleaning all;
  for (const Step& step : record.steps) {
    const Cleaning changes = cleaning_by(step);
    all.thresholded += changes.thresholded;
    all.removed += changes.removed;
    all.filled += changes.filled;
    all.relabelled += changes.relabelled;
  }
  return all;
}

}  // namespace nicohort
