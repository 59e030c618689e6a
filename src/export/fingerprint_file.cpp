#include "export/fingerprint_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/median.hpp"
#include "dataset/training_fingerprint.hpp"

namespace nicohort {
namespace {

using Json = nlohmann::ordered_json;

Json foreground_json(const DatasetForeground& foreground) {
  return {{"max", foreground.max},
          {"mean", foreground.mean},
          {"median", foreground.median},
          {"min", foreground.min},
          {"percentile_00_5", foreground.percentile_00_5},
          {"percentile_99_5", foreground.percentile_99_5},
          {"std", foreground.sd}};
}

// As nnU-Net writes it.
Json fingerprint_json(const std::vector<const TrainingCase*>& cases,
                      const std::vector<std::optional<DatasetForeground>>& channels,
                      ImageAxes axes) {
  Json foreground = Json::object(), shapes = Json::array(), spacings = Json::array();
  for (std::size_t channel = 0; channel < channels.size(); ++channel)
    foreground[std::to_string(channel)] = foreground_json(*channels[channel]);
  std::vector<double> sizes;
  for (const TrainingCase* const one : cases) {
    const auto order =
        axes == ImageAxes::body ? voxel_axes(one->geometry.affine) : std::array<int, 3>{0, 1, 2};
    Json shape = Json::array(), spacing = Json::array();
    for (int i = 2; i >= 0; --i) {  // the last axis first, as in numpy
      shape.push_back(one->cropped_size(order[i]));
      spacing.push_back(one->geometry.spacing[order[i]]);
    }
    shapes.push_back(std::move(shape));
    spacings.push_back(std::move(spacing));
    sizes.push_back(one->relative_size());
  }
  return {{"foreground_intensity_properties_per_channel", foreground},
          {"median_relative_size_after_cropping", median_of(std::move(sizes))},
          {"shapes_after_crop", shapes},
          {"spacings", spacings}};
}

}  // namespace

void add_fingerprint(ExportPlan& plan, const std::filesystem::path& file,
                     const ExportCohort& cohort, ImageAxes axes, Listener& listener) {
  std::vector<const TrainingCase*> cases;
  std::size_t unknown = 0;
  for (const ExportSample& sample : cohort.samples) {
    if (cohort.is_test(sample) || !sample.has_mask()) continue;
    if (sample.training)
      cases.push_back(&*sample.training);
    else
      ++unknown;
  }
  if (unknown > 0) {
    listener.warning(fmt::format(
        "{} is not written: {} made by an earlier version, which did not "
        "look at the values that it needs; nicohort run --again does",
        fingerprint_file, unknown == 1 ? "a sample was" : counted(unknown, "sample") + " were"));
    return;
  }
  const auto channels = dataset_foreground(cases);
  if (channels.empty() || !std::all_of(channels.begin(), channels.end(),
                                       [](const auto& channel) { return channel.has_value(); })) {
    if (!cases.empty())
      listener.warning(
          fmt::format("{} is not written: no mask for training has a voxel", fingerprint_file));
    return;
  }
  plan.texts.push_back({file, fingerprint_json(cases, channels, axes).dump(4) + "\n"});
}

}  // namespace nicohort
