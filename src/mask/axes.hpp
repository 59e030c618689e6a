// Masks with their axes exchanged, for work that goes slice by slice across another axis than z.
#pragma once

#include "mask/run_mask.hpp"

namespace nicohort {

// The mask with z and this axis (0: x, 1: y, 2: z itself) exchanged. Doing it twice gives the mask
// again.
BinaryMask exchange_with_z(const BinaryMask& mask, int axis);

}  // namespace nicohort
