// Masks of single labels, which may overlap, made one.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "mask/run_mask.hpp"

namespace nicohort {

// Which label a voxel gets that is in the masks of several: the highest, the lowest, or none, which
// is an error.
enum class Overlap { last, first, error };
std::optional<Overlap> overlap_named(std::string_view name);
std::string_view name_of(Overlap overlap);

struct CombinedMask {
  LabelMask mask;
  std::int64_t overlapping = 0;            // voxels that are in more than one mask
  std::array<std::uint8_t, 2> labels{};    // of the first of them, in memory order
  std::array<std::int64_t, 3> position{};  // where that is
};

// masks: by label, not 0; one at least, all of one size. With Overlap::error the voxels get the
// highest label, and it is for the caller to look whether there are any.
CombinedMask combine(const std::map<std::uint8_t, BinaryMask>& masks, Overlap overlap);

}  // namespace nicohort
