// All mask kernels of SPEC 4. Each equals a plain loop over voxels (tests/mask) and scipy.ndimage
// (tests/interop); the costs are in runs, not voxels. Image sizes are at least 1 in each direction.
#pragma once

#include "mask/axes.hpp"
#include "mask/components.hpp"
#include "mask/merge.hpp"
#include "mask/morphology.hpp"
#include "mask/scan.hpp"
#include "mask/sets.hpp"
