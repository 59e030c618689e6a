// Rows as sets of voxels: the runs of the result go into the row under construction of `out`.
#pragma once

#include <span>

#include "mask/run_mask.hpp"

namespace nicohort {

void add_union(std::span<const Run> a, std::span<const Run> b, BinaryMask& out);
void add_intersection(std::span<const Run> a, std::span<const Run> b, BinaryMask& out);
void add_difference(std::span<const Run> a, std::span<const Run> b, BinaryMask& out);

}  // namespace nicohort
