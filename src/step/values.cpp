#include "step/values.hpp"

#include "mask/sets.hpp"

namespace nicohort {

void Values::expect(BinaryMask where, const std::vector<Window>& windows) {
  where_ = std::move(where);
  for (const Window& window : windows)
    expected_.push_back({window, OutsideWindow(where_, window), {}});
}

void Values::feed(std::span<const float> values) {
  for (Expected& expected : expected_) expected.seen.feed(values);
}

BinaryMask Values::outside(const BinaryMask& where, Window window) {
  for (Expected& expected : expected_) {
    if (!(expected.window == window)) continue;
    if (!expected.outside) expected.outside = expected.seen.finish();
    if (where == where_) return *expected.outside;
    if (count(subtract(where, where_)) == 0) return intersect(where, *expected.outside);
  }
  OutsideWindow outside(where, window);
  read_([&](std::span<const float> values) { outside.feed(values); });
  return outside.finish();
}

}  // namespace nicohort
