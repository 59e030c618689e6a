// Values cut into pieces, as a reader hands them on.
#pragma once

#include <algorithm>
#include <span>

#include "mask/dense.hpp"

namespace nicohort::testing {

// Feeds all values to `taker` in pieces of random sizes.
template <class Taker>
void feed_in_pieces(std::span<const float> values, Taker& taker) {
  const int longest_piece = *rc::gen::element(1, 7, 300, 100000);
  for (std::span<const float> rest = values; !rest.empty();) {
    const auto piece = std::min<std::size_t>(rest.size(), random_in(1, longest_piece + 1));
    taker.feed(rest.first(piece));
    rest = rest.subspan(piece);
  }
}

}  // namespace nicohort::testing
