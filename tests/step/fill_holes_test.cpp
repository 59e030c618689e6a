#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec5FillHoles, equals_a_loop_over_voxels, ()) {
  Dense dense = random_dense(random_size(), 4);
  const Spacing spacing = random_spacing();
  const std::string across = *rc::gen::element("", "\"z\"", "\"coarsest\"");
  std::size_t axis = 2;
  if (across == "\"coarsest\"")
    for (axis = 2; spacing[axis] < *std::max_element(spacing.begin(), spacing.end());) --axis;
  const RandomSize size = random_region_size(spacing[(axis + 1) % 3] * spacing[(axis + 2) % 3]);
  const Of of = random_of({1, 2, 3, 4});
  const int with = random_in(0, 4);
  const LabelMask filled =
      mask_after("fill_holes",
                 {{"smaller_than", size.json("mm2")},
                  {"with", std::array{"\"Bg\"", "\"a\"", "\"b\"", "\"3\""}[with]},
                  {"of", of.json},
                  {"across", across}},
                 dense, spacing);
  const Dense around = where(
      dense.size, [&](auto x, auto y, auto z) { return !of.labels.contains(dense.at(x, y, z)); });
  for (const Voxels& hole :
       parts_of(around, [&](const Voxel& step) { return step[axis] == 0 && axes_of(step) == 1; }))
    if (size.is_above(hole.size())) give(dense, hole, with);
  RC_ASSERT(filled == to_labels(dense));
}

LabelMask filled(const std::string& smaller_than, const Dense& dense,
                 const Spacing& spacing = {1, 1, 1}, Given given = {}) {
  given["smaller_than"] = "\"" + smaller_than + "\"";
  given.emplace("with", "\"a\"");
  return mask_after("fill_holes", given, dense, spacing);
}

TEST(Spec5FillHoles, voxels_that_touch_by_corners_are_two_holes) {
  const Dense holes = drawn({"1111", "1.11", "11.1", "1111"});
  EXPECT_EQ(filled("2 voxels", holes), to_labels(drawn({"1111", "1111", "1111", "1111"})));
}

TEST(Spec5FillHoles, a_hole_that_a_corner_joins_to_the_outside_is_filled) {
  const Dense ring = drawn({"......", "..11..", ".1..1.", "..1.1.", "...1..", "......"});
  EXPECT_EQ(filled("4 voxels", ring),
            to_labels(drawn({"......", "..11..", ".1111.", "..111.", "...1..", "......"})));
}

TEST(Spec5FillHoles, so_are_small_regions_at_the_images_border) {
  EXPECT_EQ(filled("3 voxels", drawn({".11..", "11...", "11.1.", "111.."})),
            to_labels(drawn({"111..", "11...", "11.1.", "111.."})));
}

TEST(Spec5FillHoles, each_slice_is_for_itself) {
  const std::vector<std::string> open{"111", "1.1", "111"}, full{"111", "111", "111"};
  EXPECT_EQ(filled("2 voxels", drawn_slices({open, open, open})),
            to_labels(drawn_slices({full, full, full})));
}

TEST(Spec5FillHoles, a_hole_of_exactly_the_size_stays) {
  const Dense holes = drawn({"111111", "1..1.1", "111111"});
  const LabelMask one_filled = to_labels(drawn({"111111", "1..111", "111111"}));
  EXPECT_EQ(filled("2 voxels", holes), one_filled);
  EXPECT_EQ(filled("2 voxels", holes, {3, 3, 3}), one_filled);
  EXPECT_EQ(filled("1 mm2", holes, {0.5, 1, 9}), one_filled);
  EXPECT_EQ(filled("1.01 mm2", holes, {0.5, 1, 9}),
            to_labels(drawn({"111111", "111111", "111111"})));
  EXPECT_EQ(filled("1", holes, {0.5, 1, 9}), one_filled) << "a number alone is of mm2";
}

// 15 times 0.7 times 0.7 is more than 15 times what 0.7 times 0.7 is, in binary fractions.
TEST(Spec5FillHoles, as_many_voxels_are_no_fewer_whatever_the_spacing) {
  Dense full = where({17, 3, 1}, [](auto, auto, auto) { return true; }), hole = full;
  for (int x = 1; x < 16; ++x) hole.at(x, 1, 0) = 0;
  for (const double mm : {0.5, 0.6, 0.7, 0.8, 0.9, 1.1}) {
    EXPECT_EQ(filled("15 voxels", hole, {mm, mm, 1}), to_labels(hole)) << mm;
    EXPECT_EQ(filled("16 voxels", hole, {mm, mm, 1}), to_labels(full)) << mm;
  }
}

TEST(Spec5FillHoles, holes_are_those_of_the_labels_together) {
  const Dense two = drawn({"11222", "1...2", "11222", "....."});
  EXPECT_EQ(filled("4 voxels", two), to_labels(drawn({"11222", "11112", "11222", "....."})));
  EXPECT_EQ(filled("4 voxels", two, {1, 1, 1}, {{"of", "\"a\""}}), to_labels(two));
  EXPECT_EQ(filled("4 voxels", two, {1, 1, 1}, {{"of", "[\"a\",\"b\"]"}}), filled("4 voxels", two));
  EXPECT_EQ(filled("4 voxels", two, {1, 1, 1}, {{"of", "\"foreground\""}}),
            filled("4 voxels", two));
}

TEST(Spec5FillHoles, they_get_the_label_whatever_they_were) {
  const Dense hole = drawn({"11111", "12.31", "11111", "....2"});
  EXPECT_EQ(filled("4 voxels", hole, {1, 1, 1}, {{"of", "\"a\""}, {"with", "\"c\""}}),
            to_labels(drawn({"11111", "13331", "11111", "....2"})));
  MaskState state = state_of(hole);
  const auto counts =
      do_step(step_with("fill_holes",
                        {{"smaller_than", "\"4 voxels\""}, {"of", "\"a\""}, {"with", "\"c\""}}),
              state)
          .counts;
  EXPECT_EQ(counts.at("filled"), 1);
  EXPECT_EQ(counts.at("relabelled"), 1);
  EXPECT_EQ(counts.at("removed"), 0);
}

TEST(Spec5FillHoles, holes_of_the_background_are_specks) {
  EXPECT_EQ(filled("4 voxels", drawn({".....", ".1.22", ".12.2", "....2"}), {1, 1, 1},
                   {{"of", "\"Bg\""}, {"with", "\"Bg\""}}),
            to_labels(drawn({".....", "...22", "....2", "....2"})))
      << "1 and 2 are one speck of three voxels, if corners do not count";
}

// A hole of two voxels in the slice across x, of four across y; one that is open across z.
TEST(Spec5FillHoles, across_the_coarsest_axis_with_the_spacing_of_its_slices) {
  Dense full = where({3, 3, 4}, [](auto, auto, auto) { return true; }), tunnel = full;
  for (const int z : {1, 2})
    for (const int x : {0, 1, 2}) tunnel.at(x, 1, z) = 0;
  const Given across{{"across", "\"coarsest\""}};
  const LabelMask open = to_labels(tunnel), closed = to_labels(full);
  EXPECT_EQ(filled("3 voxels", tunnel, {5, 2, 3}, across), closed) << "x: two voxels in a slice";
  EXPECT_EQ(filled("2 voxels", tunnel, {5, 2, 3}, across), open);
  EXPECT_EQ(filled("12 mm2", tunnel, {5, 2, 3}, across), open) << "2 voxels of 2 mm by 3 mm";
  EXPECT_EQ(filled("12.1 mm2", tunnel, {5, 2, 3}, across), closed);
  EXPECT_EQ(filled("6 voxels", tunnel, {2, 5, 3}, across), open) << "y: six voxels in a slice";
  EXPECT_EQ(filled("36.1 mm2", tunnel, {2, 5, 3}, across), closed);
  EXPECT_EQ(filled("3 voxels", tunnel, {2, 3, 5}, across), open) << "z: three voxels in a slice";
  EXPECT_EQ(filled("18.1 mm2", tunnel, {2, 3, 5}, across), closed);
  EXPECT_EQ(filled("3 voxels", tunnel, {5, 2, 3}), open) << "without `across`: z";
}

TEST(Spec5FillHoles, across_the_last_axis_on_a_tie) {
  Dense full = where({3, 3, 4}, [](auto, auto, auto) { return true; }), tunnel = full;
  for (const int z : {1, 2})
    for (const int x : {0, 1, 2}) tunnel.at(x, 1, z) = 0;
  const Given across{{"across", "\"coarsest\""}};
  const LabelMask open = to_labels(tunnel), closed = to_labels(full);
  EXPECT_EQ(filled("3 voxels", tunnel, {1, 1, 1}, across), open) << "z";
  EXPECT_EQ(filled("3 voxels", tunnel, {1, 0.5, 1}, across), open) << "z";
  EXPECT_EQ(filled("4 voxels", tunnel, {1, 0.5, 1}, across), closed) << "z";
  EXPECT_EQ(filled("6 voxels", tunnel, {1, 1, 0.5}, across), open) << "y";
  EXPECT_EQ(filled("7 voxels", tunnel, {1, 1, 0.5}, across), closed) << "y";
}

}  // namespace
}  // namespace nicohort
