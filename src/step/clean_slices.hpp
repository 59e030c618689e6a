// Cleaning a mask slice by slice: small regions of each label are opened, or its small holes
// closed, then the masks are merged again (SPEC 4, morphological_open_on_slice_small_region, steps
// 2 to 4; SPEC 5, `clean_slices`).
#pragma once

#include <array>
#include <cstdint>

#include "step/extract.hpp"

namespace nicohort {

enum class CleanWhat { regions, holes };

struct SliceCleaning {
  int kernel_x = 5, kernel_y = 5;  // voxels
  int filter_halfedge = 3;         // voxels
  double smaller_than = 10;        // mm², of a region in a slice
  EmptyLabel empty_label = EmptyLabel::neighbourhood;
  CleanWhat what = CleanWhat::regions;
};

// masks: of the labels, ascending, the background's (0) included; of any number of slices, each of
// which is for itself. spacing: mm, x y z.
LabelMask clean_slices(const LabelledMasks& masks, const std::array<double, 3>& spacing,
                       const SliceCleaning& parameters);

}  // namespace nicohort
