// Morphological opening and closing of slices.
#pragma once

#include "mask/run_mask.hpp"

namespace nicohort {

// Opening of every slice (fixed z) by the kx × ky all-ones rectangle (both at least 1); outside the
// image is 0. It is the union of the rectangle's translates that fit into the mask, so even sizes
// do not shift anything (Serra, Image Analysis and Mathematical Morphology, 1982).
BinaryMask open_slices(const BinaryMask& mask, int kx, int ky);

// Closing of every slice (fixed z) by the same rectangle, as scipy.ndimage.binary_closing does it:
// outside the image is 0 for the erosion, too, so that voxels near its border may be lost.
BinaryMask close_slices(const BinaryMask& mask, int kx, int ky);

}  // namespace nicohort
