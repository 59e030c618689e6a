#include "step/denoise.hpp"

#include <algorithm>

#include "mask/slices.hpp"

namespace nicohort {
namespace {

constexpr std::int64_t slices_at_a_time = 16;

BinaryMask open_small(const BinaryMask& mask, double voxel_area,
                      const DenoiseParameters& parameters) {
  auto [small, large] = split_small_in_slices(mask, voxel_area, parameters.region_area_thresh);
  // A rectangle inside the mask lies inside one component, so opening the small regions alone
  // gives what opening the whole slice would give within them.
  return unite(large, open_slices(small, parameters.kernel_x, parameters.kernel_y));
}

}  // namespace

LabelledMasks move_to_background(LabelledMasks masks, const BinaryMask& outside) {
  if (masks.front().first != 0)
    masks.insert(masks.begin(), {0, select(relabel(foreground(masks), 1), 0)});
  for (auto& [label, mask] : masks)
    mask = label == 0 ? unite(mask, outside) : subtract(mask, outside);
  return masks;
}

LabelMask denoise(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                  const DenoiseParameters& parameters) {
  const Size3& size = masks.front().second.size();
  const double voxel_area = spacing[0] * spacing[1];
  LabelMask merged(size);
  for (std::int64_t z = 0; z < size.z; z += slices_at_a_time) {
    LabelledMasks cleaned;
    for (const auto& [label, mask] : masks)
      cleaned.emplace_back(
          label, open_small(slices(mask, z, std::min(size.z, z + slices_at_a_time)), voxel_area,
                            parameters));
    append(merge(cleaned, parameters.filter_halfedge, parameters.empty_label), merged);
  }
  return merged;
}

Cleaned clean(LabelledMasks masks, const BinaryMask& outside, const std::array<double, 3>& spacing,
              const DenoiseParameters& parameters) {
  Cleaned cleaned;
  const BinaryMask drawn = foreground(masks);
  cleaned.thresholded = count(drawn) - count(subtract(drawn, outside));
  masks = move_to_background(std::move(masks), outside);
  cleaned.mask = denoise(masks, spacing, parameters);
  const BinaryMask before = subtract(drawn, outside), after = foreground(cleaned.mask);
  cleaned.removed = count(subtract(before, after));
  cleaned.filled = count(subtract(after, before));
  std::int64_t gained = 0;  // by each label, from background or another label
  for (const auto& [label, mask] : masks)
    if (label != 0) gained += count(subtract(select(cleaned.mask, label), mask));
  cleaned.relabelled = gained - cleaned.filled;
  return cleaned;
}

}  // namespace nicohort
