#include "image/value_hash.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include <vector>

namespace nicohort {
namespace {

RC_GTEST_PROP(ValueHash, DoesNotDependOnThePieces, (const std::vector<float>& values)) {
  ValueHash whole, pieces;
  whole.update(values);
  const std::span<const float> all(values);
  const std::size_t cut = *rc::gen::inRange<std::size_t>(0, values.size() + 1);
  pieces.update(all.first(cut));
  pieces.update(all.subspan(cut));
  RC_ASSERT(whole.digest() == pieces.digest());
}

TEST(ValueHash, IsThatOfXxHash) {
  // XXH3-128 of no bytes with seed 0 (xxHash's own sanity checks).
  EXPECT_EQ(ValueHash().digest(), "99aa06d3014798d86001c324468d497f");
  ValueHash one, other;
  one.update(std::vector<float>{1});
  other.update(std::vector<float>{2});
  EXPECT_NE(one.digest(), other.digest());
}

}  // namespace
}  // namespace nicohort
