#include "mask/row_sets.hpp"

#include <algorithm>

namespace nicohort {

void add_union(std::span<const Run> a, std::span<const Run> b, BinaryMask& out) {
  auto i = a.begin(), j = b.begin();
  while (i != a.end() && j != b.end()) out.add(i->begin < j->begin ? *i++ : *j++);
  out.add({i, a.end()});
  out.add({j, b.end()});
}

void add_intersection(std::span<const Run> a, std::span<const Run> b, BinaryMask& out) {
  auto i = a.begin(), j = b.begin();
  while (i != a.end() && j != b.end()) {
    const Run both{std::max(i->begin, j->begin), std::min(i->end, j->end)};
    if (both.begin < both.end) out.add(both);
    i->end < j->end ? ++i : ++j;
  }
}

void add_difference(std::span<const Run> a, std::span<const Run> b, BinaryMask& out) {
  auto hole = b.begin();
  for (Run rest : a) {
    while (hole != b.end() && hole->end <= rest.begin) ++hole;
    // A hole that reaches beyond this run may reach into the next one as well, so it stays.
    for (auto cut = hole; cut != b.end() && cut->begin < rest.end; ++cut) {
      if (rest.begin < cut->begin) out.add({rest.begin, cut->begin});
      rest.begin = cut->end;
    }
    if (rest.begin < rest.end) out.add(rest);
  }
}

}  // namespace nicohort
