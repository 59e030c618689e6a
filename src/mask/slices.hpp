// Parts of a mask along z, for work that looks at one slice at a time and should not cost memory
// for all.
#pragma once

#include <vector>

#include "base/each_index.hpp"
#include "mask/run_mask.hpp"

namespace nicohort {

// Slices first_z <= z < end_z as a mask of their own.
template <class R>
Rows<R> slices(const Rows<R>& mask, std::int64_t first_z, std::int64_t end_z) {
  const Size3& size = mask.size();
  Rows<R> part(Size3{size.x, size.y, end_z - first_z});
  const std::int64_t first = first_z * size.y;
  part.add(mask.filled_rows(first, end_z * size.y), -first);
  return part;
}

// Adds a part's rows behind those that a mask under construction has.
template <class R>
void append(const Rows<R>& part, Rows<R>& mask) {
  const std::int64_t first = mask.row_under_construction();
  mask.add(part.filled_rows(), first);
  mask.go_to(first + part.size().rows());
}

// What make(part, first_z) makes of a few slices of a mask, from first_z on, and of the next ones,
// in their order; in as many threads as the command has.
template <class R, class Make>
auto map_slices(const Rows<R>& mask, Make make) {
  constexpr std::int64_t slices_at_a_time = 16;
  const std::int64_t end = mask.size().z;
  std::vector<decltype(make(mask, end))> made((end + slices_at_a_time - 1) / slices_at_a_time);
  for_each_index(made.size(), 0, [&](std::size_t i) {
    const std::int64_t z = static_cast<std::int64_t>(i) * slices_at_a_time;
    made[i] = make(slices(mask, z, std::min(end, z + slices_at_a_time)), z);
  });
  return made;
}

// A mask of which make(part) makes a few slices at a time, in as many threads as the command has.
template <class R, class Make>
auto by_slices(const Rows<R>& mask, Make make) {
  auto parts = map_slices(mask, [&](const Rows<R>& part, std::int64_t) { return make(part); });
  decltype(make(mask)) whole(mask.size());
  for (auto& part : parts) {
    append(part, whole);
    part = {};
  }
  return whole;
}

}  // namespace nicohort
