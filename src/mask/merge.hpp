// From binary masks back to one mask.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "mask/run_mask.hpp"

namespace nicohort {

// What a voxel that no mask claims becomes.
enum class EmptyLabel { neighbourhood, background };
// What it becomes where the background's mask and others claim it: the background is one candidate
// of several, or none.
enum class BackgroundClaim { equal, yields };

// One multi-label mask from binary masks (at least one, ascending labels, equal sizes). A voxel
// that exactly one mask claims gets that label; one that several claim, the label among them with
// the most voxels of its mask in the (2·halfedge+1)² in-slice window (clipped at the border), the
// lowest on a tie; one that none claims, the same among all labels, 0 if the window is empty, or 0
// with EmptyLabel::background.
LabelMask merge(const std::vector<std::pair<std::uint8_t, BinaryMask>>& masks, int halfedge,
                EmptyLabel empty, BackgroundClaim background = BackgroundClaim::equal);

}  // namespace nicohort
