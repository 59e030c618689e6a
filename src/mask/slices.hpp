// Parts of a mask along z, for work that looks at one slice at a time and should not cost memory
// for all.
#pragma once

#include "mask/run_mask.hpp"

namespace nicohort {

// Slices first_z <= z < end_z as a mask of their own.
template <class R>
Rows<R> slices(const Rows<R>& mask, std::int64_t first_z, std::int64_t end_z) {
  const Size3& size = mask.size();
  Rows<R> part(Size3{size.x, size.y, end_z - first_z});
  for (std::int64_t row = first_z * size.y; row < end_z * size.y; ++row) {
    for (const R& run : mask.row(row)) part.add(run);
    part.end_row();
  }
  return part;
}

// Adds a part's rows behind those that a mask under construction has.
template <class R>
void append(const Rows<R>& part, Rows<R>& mask) {
  for (std::int64_t row = 0; row < part.size().rows(); ++row) {
    for (const R& run : part.row(row)) mask.add(run);
    mask.end_row();
  }
}

}  // namespace nicohort
