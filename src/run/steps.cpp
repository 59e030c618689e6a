#include "run/steps.hpp"

#include "mask/sets.hpp"

namespace nicohort {
namespace {

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

nlohmann::json json_of(const std::optional<Window>& window) {
  if (!window) return nullptr;
  return {window->low, window->high};
}

}  // namespace

Step confirm_step(Compression compression) {
  return {"confirm_pairs", {{"compression", name_of(compression)}}, nlohmann::json::object()};
}

Step threshold_step(Window window, Compression compression) {
  return {"mask_thresholding",
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

Cleaning cleaning_on(const SampleRecord& record) {
  Cleaning all;
  for (const Step& step : record.steps) {
    auto counted = [&counts = step.counts](const char* what) {
      return counts.is_object() ? counts.value(what, std::int64_t{0}) : 0;
    };
    all.thresholded += counted("thresholded");
    all.removed += counted("removed");
    all.filled += counted("filled");
    all.relabelled += counted("relabelled");
  }
  return all;
}

}  // namespace nicohort
