#include "export/fingerprint_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/median.hpp"
#include "base/wording.hpp"
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

// The samples for training of which the foreground is known.
template <class Take>
void each_case(const ExportCohort& cohort, Take&& take) {
  for (const ExportSample& sample : cohort.samples)
    if (!cohort.is_test(sample) && sample.training) take(*sample.training);
}

// As nnU-Net writes it: the last axis first, as in numpy.
void put_fingerprint(const ExportCohort& cohort, const std::vector<DatasetForeground>& channels,
                     ImageAxes axes, const TakeText& take) {
  const auto order_of = [&](const TrainingCase& one) {
    return axes == ImageAxes::body ? voxel_axes(one.geometry.affine) : std::array<int, 3>{0, 1, 2};
  };
  std::vector<double> sizes;
  each_case(cohort, [&](const TrainingCase& one) { sizes.push_back(one.relative_size()); });
  JsonText text(take, 4);
  text.begin_object();
  text.begin_object("foreground_intensity_properties_per_channel");
  for (std::size_t channel = 0; channel < channels.size(); ++channel)
    text.member(std::to_string(channel), foreground_json(channels[channel]));
  text.end();
  text.member("median_relative_size_after_cropping", median_of(std::move(sizes)));
  text.begin_list("shapes_after_crop");
  each_case(cohort, [&](const TrainingCase& one) {
    const auto order = order_of(one);
    text.element(
        {one.cropped_size(order[2]), one.cropped_size(order[1]), one.cropped_size(order[0])});
  });
  text.end();
  text.begin_list("spacings");
  each_case(cohort, [&](const TrainingCase& one) {
    const auto& spacing = one.geometry.spacing;
    const auto order = order_of(one);
    text.element({spacing[order[2]], spacing[order[1]], spacing[order[0]]});
  });
  text.end();
  text.end();
  take("\n");
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
  std::vector<DatasetForeground> channels;
  for (const auto& channel : dataset_foreground(cases))
    if (channel) channels.push_back(*channel);
  if (channels.empty() || channels.size() != cohort.channels.size()) {
    if (!cases.empty())
      listener.warning(
          fmt::format("{} is not written: no mask for training has a voxel", fingerprint_file));
    return;
  }
  plan.texts.push_back(
      {file, [&cohort, channels = std::move(channels), axes](const TakeText& take) {
         put_fingerprint(cohort, channels, axes, take);
       }});
}

}  // namespace nicohort
