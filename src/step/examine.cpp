#include "step/examine.hpp"

#include "step/extract.hpp"
#include "step/measure.hpp"

namespace nicohort {

Cleaning cleaning_of(const LabelMask& drawn, const BinaryMask& outside, const LabelMask& cleaned) {
  const LabelMask left = clear(drawn, outside);
  std::set<std::uint8_t> labels;
  for (const LabelMask* mask : {&left, &cleaned})
    for (const auto& [label, voxels] : foreground_voxels(*mask)) labels.insert(label);
  labels.insert(0);
  Cleaning changes = count_changes(extract(left, {labels.begin(), labels.end()}), cleaned);
  changes.thresholded = count(outside);
  return changes;
}

std::int64_t count_small_regions(const LabelMask& mask, const std::set<std::uint8_t>& labels,
                                 const Geometry& geometry, double volume_thresh) {
  std::int64_t regions = 0;
  for (const auto& [label, voxels] : foreground_voxels(mask))
    if (labels.empty() || labels.contains(label))
      regions += std::ssize(small_regions(select(mask, label), geometry, volume_thresh));
  return regions;
}

std::vector<std::pair<std::uint8_t, std::int64_t>> foreground_voxels(const LabelMask& mask) {
  const auto counts = count_labels(mask);
  std::vector<std::pair<std::uint8_t, std::int64_t>> voxels;
  for (std::size_t label = 1; label < counts.size(); ++label)
    if (counts[label] > 0) voxels.emplace_back(label, counts[label]);
  return voxels;
}

Examination examine(const Geometry& geometry, const std::optional<ExaminedMasks>& masks,
                    const ExaminationParameters& parameters,
                    const std::function<void(const TakeValues&)>& read) {
  BinaryMask none(geometry.size);
  none.end_rows(geometry.size.rows());
  const BinaryMask before = masks ? foreground(masks->drawn) : none;
  Examiner examiner(geometry, before);
  std::optional<OutsideWindow> outside;
  if (parameters.window) outside.emplace(before, *parameters.window);
  read([&](std::span<const float> values) {
    examiner.feed(values);
    if (outside) outside->feed(values);
  });
  if (!masks) return {std::nullopt, examiner.picture(none, none)};
  const BinaryMask thresholded = outside ? outside->finish() : none;
  MaskStatistics mask;
  mask.voxels = foreground_voxels(masks->cleaned);
  mask.intensity = examiner.intensity();
  mask.cleaning = cleaning_of(masks->drawn, thresholded, masks->cleaned);
  if (parameters.small_regions)
    mask.small_regions_before = count_small_regions(
        clear(masks->drawn, thresholded), parameters.labels, geometry, *parameters.small_regions);
  if (parameters.small_regions_after)
    mask.small_regions_after = count_small_regions(masks->cleaned, parameters.labels, geometry,
                                                   *parameters.small_regions_after);
  return {mask, examiner.picture(before, foreground(masks->cleaned))};
}

}  // namespace nicohort
