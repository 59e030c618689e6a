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

Cleaning count_changes(const LabelledMasks& before, const LabelMask& after) {
  const BinaryMask was = foreground(before), is = foreground(after);
  Cleaning changes;
  changes.removed = count(subtract(was, is));
  changes.filled = count(subtract(is, was));
  // What labels gained came from the background or from another label.
  changes.relabelled = -changes.filled;
  for (const auto& [label, mask] : before)
    if (label != 0) changes.relabelled += count(subtract(select(after, label), mask));
  return changes;
}

Cleaned clean(LabelledMasks masks, const BinaryMask& outside, const std::array<double, 3>& spacing,
              const DenoiseParameters& parameters) {
  const std::int64_t drawn = count(foreground(masks));
  masks = move_to_background(std::move(masks), outside);
  Cleaned cleaned{denoise(masks, spacing, parameters), {}};
  cleaned.changes = count_changes(masks, cleaned.mask);
  cleaned.changes.thresholded = drawn - count(foreground(masks));
  return cleaned;
}

}  // namespace nicohort
