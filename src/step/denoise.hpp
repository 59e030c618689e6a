// Denoising: small regions of every slice are opened, then the masks are merged again (SPEC 4,
// morphological_open_on_slice_small_region, steps 2 to 4).
#pragma once

#include <array>
#include <cstdint>

#include "step/extract.hpp"

namespace nicohort {

struct DenoiseParameters {
  int kernel_x = 5, kernel_y = 5;  // voxels
  int filter_halfedge = 3;         // voxels
  double region_area_thresh = 10;  // mm²
  EmptyLabel empty_label = EmptyLabel::neighbourhood;
};

// What became of the voxels of a mask.
struct Cleaning {
  std::int64_t thresholded = 0;  // foreground out of the window, now background
  // Between the masks that thresholding left and the cleaned one:
  std::int64_t removed = 0;     // foreground, now background
  std::int64_t filled = 0;      // background, now foreground
  std::int64_t relabelled = 0;  // foreground, now of another label
};
// All but thresholded. before: the masks of every label that one of the two has.
Cleaning count_changes(const LabelledMasks& before, const LabelMask& after);

struct Cleaned {
  LabelMask mask;
  Cleaning changes;
};

// Steps 1 to 4. outside: voxels out of the window. spacing: mm, x y z.
Cleaned clean(LabelledMasks masks, const BinaryMask& outside, const std::array<double, 3>& spacing,
              const DenoiseParameters& parameters);

// Step 1: voxels that dropped out of the window leave the foreground masks and join the
// background's. Adds the background, as what no mask claims, where it is missing.
LabelledMasks move_to_background(LabelledMasks masks, const BinaryMask& outside);

// Steps 2 to 4. spacing: mm, x y z.
LabelMask denoise(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                  const DenoiseParameters& parameters);

}  // namespace nicohort
