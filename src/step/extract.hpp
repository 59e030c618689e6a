// From one multi-label mask to binary masks and back.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "mask/operations.hpp"
#include "step/labels.hpp"

namespace nicohort {

// Binary masks by ascending label, background (0) included.
using LabelledMasks = std::vector<std::pair<std::uint8_t, BinaryMask>>;

std::vector<std::uint8_t> labels_of(const LabelNames& names);

// The binary mask of each of these labels, empty ones too.
LabelledMasks extract(const LabelMask& mask, const std::vector<std::uint8_t>& labels);

// All voxels of all masks but the background's.
BinaryMask foreground(const LabelledMasks& masks);
BinaryMask foreground(const LabelMask& mask);

}  // namespace nicohort
