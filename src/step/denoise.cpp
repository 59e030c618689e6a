#include "step/denoise.hpp"

#include "step/extract.hpp"

namespace nicohort {

LabelledMasks move_to_background(LabelledMasks masks, const BinaryMask& outside) {
  if (masks.front().first != 0)
    masks.insert(masks.begin(), {0, select(relabel(foreground(masks), 1), 0)});
  for (auto& [label, mask] : masks)
    mask = label == 0 ? unite(mask, outside) : subtract(mask, outside);
  return masks;
}

LabelMask denoise(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                  const DenoiseParameters& parameters) {
  LabelledMasks cleaned;
  cleaned.reserve(masks.size());
  for (const auto& [label, mask] : masks) {
    auto [small, large] =
        split_small_in_slices(mask, spacing[0] * spacing[1], parameters.region_area_thresh);
    // A rectangle inside the mask lies inside one component, so opening the small regions alone
    // gives what opening the whole slice would give within them.
    BinaryMask opened = open_slices(small, parameters.kernel_x, parameters.kernel_y);
    cleaned.emplace_back(label, unite(large, opened));
  }
  return merge(cleaned, parameters.filter_halfedge, parameters.empty_label);
}

}  // namespace nicohort
