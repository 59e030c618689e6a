#include "step/values.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "mask/sets.hpp"
#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

Dense outside_plainly(const Dense& where, const std::vector<float>& values, Window window) {
  Dense outside(where.size);
  for (std::size_t i = 0; i < values.size(); ++i)
    outside.voxels[i] = where.voxels[i] == 1 && !window.contains(values[i]);
  return outside;
}

// Whatever was expected, the answer is that of a plain loop; the volume is read again only where
// the one pass did not see enough.
RC_GTEST_PROP(Values, equal_a_loop_over_voxels_whatever_was_expected, ()) {
  const Dense expected = random_dense(random_size(), 1), asked = random_dense(expected.size, 1);
  const Dense noise = random_dense(expected.size, 6);
  const std::vector<float> values(noise.voxels.begin(), noise.voxels.end());
  const Window first{1, 4}, second{2, 6};
  int readings = 0;
  Values seen([&](const TakeValues& take) {
    ++readings;
    take(values);
  });
  seen.expect(to_binary(expected), {first});
  feed_in_pieces(values, seen);
  for (const Window& window : {first, second})
    for (const Dense& where : {expected, asked})
      RC_ASSERT(seen.outside(to_binary(where), window) ==
                to_binary(outside_plainly(where, values, window)));
  const bool is_within = count(subtract(to_binary(asked), to_binary(expected))) == 0;
  RC_ASSERT(readings == 2 + (is_within ? 0 : 1));
}

BinaryMask row_of_four(const std::vector<Run>& runs) {
  BinaryMask mask({4, 1, 1});
  for (const Run& run : runs) mask.add(run);
  mask.end_row();
  return mask;
}

TEST(Values, see_every_window_that_is_expected_in_the_one_pass) {
  const BinaryMask all = row_of_four({{0, 4}});
  const std::vector<float> values{1, 2, 3, 4};
  Values seen([](const TakeValues&) { FAIL() << "the volume is read again"; });
  seen.expect(all, {{2, 3}, {1, 2}, {4, 9}});
  seen.feed(values);
  EXPECT_EQ(seen.outside(all, {2, 3}), row_of_four({{0, 1}, {3, 4}}));
  EXPECT_EQ(seen.outside(all, {1, 2}), row_of_four({{2, 4}}));
  EXPECT_EQ(seen.outside(all, {4, 9}), row_of_four({{0, 3}}));
}

}  // namespace
}  // namespace nicohort
