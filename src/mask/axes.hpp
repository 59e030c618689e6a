// Masks with other axes.
#pragma once

#include "base/turn.hpp"
#include "mask/run_mask.hpp"

namespace nicohort {

LabelMask turned(const LabelMask& mask, const Turn& turn);

// For work that goes slice by slice across another axis than z: the mask with z and this axis (0:
// x, 1: y, 2: z itself) exchanged. Doing it twice gives the mask again.
BinaryMask exchange_with_z(const BinaryMask& mask, int axis);

}  // namespace nicohort
