#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec5KeepLargest, equals_a_loop_over_voxels, ()) {
  Dense dense = random_dense(random_size(), 4);
  const Of of = random_of({1, 2, 3, 4});
  const LabelMask kept = mask_after("keep_largest", {{"of", of.json}}, dense, random_spacing());
  const Dense together = where(
      dense.size, [&](auto x, auto y, auto z) { return of.labels.contains(dense.at(x, y, z)); });
  const auto parts = parts_of(together, [](const Voxel& step) { return axes_of(step) == 1; });
  std::size_t largest = 0;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].size() > parts[largest].size()) largest = i;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (i != largest) give(dense, parts[i], 0);
  RC_ASSERT(kept == to_labels(dense));
}

TEST(Spec5KeepLargest, voxels_that_touch_by_edges_are_two_parts) {
  EXPECT_EQ(mask_after("keep_largest", {}, drawn({"11...", "..111"})),
            to_labels(drawn({".....", "..111"})));
}

TEST(Spec5KeepLargest, parts_reach_through_slices) {
  EXPECT_EQ(
      mask_after("keep_largest", {}, drawn_slices({{"1.222"}, {"1...."}, {"1...."}, {"1...."}})),
      to_labels(drawn_slices({{"1...."}, {"1...."}, {"1...."}, {"1...."}})));
}

TEST(Spec5KeepLargest, labels_are_looked_at_together) {
  const Dense dense = drawn({"112.333", "......."});
  EXPECT_EQ(mask_after("keep_largest", {}, drawn({"1122.333"})), to_labels(drawn({"1122...."})));
  EXPECT_EQ(mask_after("keep_largest", {{"of", "\"foreground\""}}, drawn({"1122.333"})),
            to_labels(drawn({"1122...."})));
  EXPECT_EQ(mask_after("keep_largest", {{"of", "[\"b\",\"c\"]"}}, dense),
            to_labels(drawn({"11..333", "......."})));
}

TEST(Spec5KeepLargest, other_labels_neither_join_nor_go) {
  EXPECT_EQ(mask_after("keep_largest", {{"of", "\"a\""}}, drawn({"2.12111.33"})),
            to_labels(drawn({"2..2111.33"})));
}

TEST(Spec5KeepLargest, voxels_are_counted_not_their_extent) {
  EXPECT_EQ(mask_after("keep_largest", {}, drawn({"11111..", ".....11", ".....11", ".....11"})),
            to_labels(drawn({".......", ".....11", ".....11", ".....11"})));
}

TEST(Spec5KeepLargest, of_two_as_large_the_one_whose_first_voxel_has_the_lowest_x) {
  // In memory the other one is first.
  EXPECT_EQ(
      mask_after("keep_largest", {}, drawn_slices({{"..1", "..1", "..."}, {"...", "...", "11."}})),
      to_labels(drawn_slices({{"...", "...", "..."}, {"...", "...", "11."}})));
  // The same x: y counts before z.
  EXPECT_EQ(
      mask_after("keep_largest", {}, drawn_slices({{"...", "...", "11."}, {"11.", "...", "..."}})),
      to_labels(drawn_slices({{"...", "...", "..."}, {"11.", "...", "..."}})));
}

TEST(Spec5KeepLargest, an_empty_mask_stays_empty) {
  EXPECT_EQ(mask_after("keep_largest", {}, drawn({"...."})), to_labels(drawn({"...."})));
}

TEST(Spec5KeepLargest, what_goes_is_counted) {
  MaskState state = state_of(drawn({"11.2.2"}));
  const auto counts = do_step(step_with("keep_largest", {}), state).counts;
  EXPECT_EQ(counts.at("removed"), 2);
  EXPECT_EQ(counts.at("lost 02_b"), 2);
  EXPECT_EQ(counts.at("lost 01_a"), 0);
  EXPECT_EQ(counts.at("filled"), 0);
}

}  // namespace
}  // namespace nicohort
