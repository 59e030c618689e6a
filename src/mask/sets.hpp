// Masks as sets of voxels. Masks that meet in one call have equal sizes.
#pragma once

#include <array>
#include <cstdint>

#include "mask/run_mask.hpp"

namespace nicohort {

// Voxels of each label 0 to 255.
std::array<std::int64_t, 256> count_labels(const LabelMask& mask);
std::int64_t count(const BinaryMask& mask);

// The voxels that have this label; 0 gives the background.
BinaryMask select(const LabelMask& mask, std::uint8_t label);
// The voxels of `mask`, all with one label other than 0.
LabelMask relabel(const BinaryMask& mask, std::uint8_t label);

BinaryMask unite(const BinaryMask& a, const BinaryMask& b);
BinaryMask intersect(const BinaryMask& a, const BinaryMask& b);
BinaryMask subtract(const BinaryMask& a, const BinaryMask& b);  // in a, not in b

}  // namespace nicohort
