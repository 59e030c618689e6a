// Masks as sets of voxels. Masks that meet in one call have equal sizes.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <utility>

#include "mask/run_mask.hpp"

namespace nicohort {

// Voxels of each label 0 to 255.
std::array<std::int64_t, 256> count_labels(const LabelMask& mask);
std::int64_t count(const BinaryMask& mask);

// The voxels that have this label; 0 gives the background.
BinaryMask select(const LabelMask& mask, std::uint8_t label);
// The voxels of `mask`, all with one label other than 0.
LabelMask relabel(const BinaryMask& mask, std::uint8_t label);

// The voxels that have one of these labels; 0 is the background.
BinaryMask select_any(const LabelMask& mask, const std::array<bool, 256>& labels);
// Each label replaced by another one, all at once; 0 is nothing to be replaced.
LabelMask map_labels(const LabelMask& mask, const std::array<std::uint8_t, 256>& to);
// The mask with these voxels of a label, whatever they were.
LabelMask paint(const LabelMask& mask, const BinaryMask& voxels, std::uint8_t label);

// How many voxels had the first label and have the second now, where these differ.
std::map<std::pair<std::uint8_t, std::uint8_t>, std::int64_t> label_changes(const LabelMask& before,
                                                                            const LabelMask& after);

// How many voxels either have one of these labels in the mask, or 1 in the other one, but not both.
std::int64_t count_differing(const LabelMask& mask, const std::array<bool, 256>& labels,
                             const LabelMask& ones);

BinaryMask complement(const BinaryMask& mask);
BinaryMask unite(const BinaryMask& a, const BinaryMask& b);
BinaryMask intersect(const BinaryMask& a, const BinaryMask& b);
BinaryMask subtract(const BinaryMask& a, const BinaryMask& b);  // in a, not in b

}  // namespace nicohort
