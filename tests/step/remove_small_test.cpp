#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec5RemoveSmall, equals_a_loop_over_voxels, ()) {
  Dense dense = random_dense(random_size(), 4);
  const Spacing spacing = random_spacing();
  const RandomSize size = random_region_size(spacing[0] * spacing[1] * spacing[2]);
  const Of of = random_of({1, 2, 3, 4});
  const LabelMask left = mask_after(
      "remove_small", {{"smaller_than", size.json("mm3")}, {"of", of.json}}, dense, spacing);
  const Dense before = dense;
  for (const int label : of.labels)
    for (const Voxels& part :
         parts_of(where(before.size,
                        [&](auto x, auto y, auto z) { return before.at(x, y, z) == label; }),
                  [](const Voxel&) { return true; }))
      if (size.is_above(part.size())) give(dense, part, 0);
  RC_ASSERT(left == to_labels(dense));
}

LabelMask without_small(const std::string& smaller_than, const Dense& dense,
                        const Spacing& spacing = {1, 1, 1}, const std::string& of = "") {
  return mask_after("remove_small", {{"smaller_than", "\"" + smaller_than + "\""}, {"of", of}},
                    dense, spacing);
}

TEST(Spec5RemoveSmall, voxels_that_touch_by_corners_in_space_are_one_part) {
  const Dense chain = drawn_slices({{"1....", ".....", "....."}, {".....", ".1...", "....1"}});
  EXPECT_EQ(without_small("2 voxels", chain),
            to_labels(drawn_slices({{"1....", ".....", "....."}, {".....", ".1...", "....."}})));
}

TEST(Spec5RemoveSmall, a_part_of_exactly_the_size_stays) {
  const Dense parts = drawn({"1.11.111"});
  EXPECT_EQ(without_small("2 voxels", parts), to_labels(drawn({"..11.111"})));
  EXPECT_EQ(without_small("2 voxels", parts, {5, 5, 5}), to_labels(drawn({"..11.111"})));
  EXPECT_EQ(without_small("3 mm3", parts, {0.5, 0.5, 4}), to_labels(drawn({".....111"})));
  EXPECT_EQ(without_small("6 mm3", parts, {0.5, 1, 4}), to_labels(drawn({".....111"})));
  EXPECT_EQ(without_small("6.1 mm3", parts, {0.5, 1, 4}), to_labels(drawn({"........"})));
  EXPECT_EQ(without_small("3", parts, {0.5, 0.5, 4}), to_labels(drawn({".....111"})))
      << "a number alone is of mm3";
  EXPECT_EQ(without_small("0 mm3", parts), to_labels(parts));
}

// 37 times 0.7 times 0.7 times 0.7 is more than 37 times what 0.7 cubed is, in binary fractions.
TEST(Spec5RemoveSmall, as_many_voxels_are_no_fewer_whatever_the_spacing) {
  const Dense line = where({40, 1, 1}, [](auto x, auto, auto) { return x < 37; });
  for (const double mm : {0.5, 0.6, 0.7, 0.8, 0.9, 1.1}) {
    EXPECT_EQ(without_small("37 voxels", line, {mm, mm, mm}), to_labels(line)) << mm;
    EXPECT_EQ(without_small("38 voxels", line, {mm, mm, mm}), to_labels(Dense(line.size))) << mm;
  }
}

TEST(Spec5RemoveSmall, each_label_is_looked_at_alone) {
  EXPECT_EQ(without_small("3 voxels", drawn({"1122333.."})), to_labels(drawn({"....333.."})));
}

TEST(Spec5RemoveSmall, only_the_labels_that_are_named) {
  const Dense parts = drawn({"1.2.3.4"});
  EXPECT_EQ(without_small("2 voxels", parts, {1, 1, 1}, "\"b\""), to_labels(drawn({"1...3.4"})));
  EXPECT_EQ(without_small("2 voxels", parts, {1, 1, 1}, "[\"b\",\"a\"]"),
            to_labels(drawn({"....3.4"})));
  EXPECT_EQ(without_small("2 voxels", parts, {1, 1, 1}, "\"foreground\""),
            to_labels(drawn({"......."})))
      << "values without a label are not 0 either";
  EXPECT_EQ(without_small("2 voxels", parts), to_labels(drawn({"......."})));
}

TEST(Spec5RemoveSmall, what_goes_is_counted) {
  MaskState state = state_of(drawn({"1.22.2"}));
  const auto counts =
      do_step(step_with("remove_small", {{"smaller_than", "\"2 voxels\""}}), state).counts;
  EXPECT_EQ(counts.at("removed"), 2);
  EXPECT_EQ(counts.at("lost 01_a"), 1);
  EXPECT_EQ(counts.at("lost 02_b"), 1);
  EXPECT_EQ(counts.at("lost 03_c"), 0);
}

}  // namespace
}  // namespace nicohort
