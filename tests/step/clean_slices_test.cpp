#include "step/clean_slices.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

using DenseMasks = std::map<std::uint8_t, Dense>;

// SPEC 4, step 2: the 8-connected components of every slice that are below the area threshold.
Dense small_regions_plainly(const Dense& mask, double voxel_area, double area_thresh) {
  Dense seen(mask.size), small(mask.size);
  for_each_voxel(mask.size, [&](auto x0, auto y0, auto z) {
    if (!mask.at(x0, y0, z) || seen.at(x0, y0, z)) return;
    std::vector<std::pair<std::int64_t, std::int64_t>> region{{x0, y0}};
    seen.at(x0, y0, z) = 1;
    for (std::size_t i = 0; i < region.size(); ++i) {
      for (int dy = -1; dy <= 1; ++dy) {
        for (int dx = -1; dx <= 1; ++dx) {
          const auto x = region[i].first + dx, y = region[i].second + dy;
          if (!mask.inside(x, y, z) || !mask.at(x, y, z) || seen.at(x, y, z)) continue;
          seen.at(x, y, z) = 1;
          region.emplace_back(x, y);
        }
      }
    }
    if (double(region.size()) * voxel_area < area_thresh)
      for (const auto& [x, y] : region) small.at(x, y, z) = 1;
  });
  return small;
}

// Step 3: opening by the rectangle, as the union of the places where it fits.
Dense open_plainly(const Dense& mask, int kx, int ky) {
  Dense opened(mask.size);
  for_each_voxel(mask.size, [&](auto x0, auto y0, auto z) {
    const Size3 rectangle{kx, ky, 1};
    bool fits = true;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      fits = fits && mask.inside(x0 + x, y0 + y, z) && mask.at(x0 + x, y0 + y, z);
    });
    if (!fits) return;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) { opened.at(x0 + x, y0 + y, z) = 1; });
  });
  return opened;
}

// SPEC 5: closing as scipy.ndimage.binary_closing does it. The rectangle's centre is the voxel
// size / 2 of it, rounded down; it is put on every voxel of the mask, and what is painted inside
// the image stays where the rectangle around it is painted and inside the image.
Dense closed_plainly(const Dense& mask, int kx, int ky) {
  const Size3 rectangle{kx, ky, 1};
  Dense painted(mask.size);
  for_each_voxel(mask.size, [&](auto x0, auto y0, auto z) {
    if (!mask.at(x0, y0, z)) return;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      const auto to_x = x0 + x - kx / 2, to_y = y0 + y - ky / 2;
      if (mask.inside(to_x, to_y, z)) painted.at(to_x, to_y, z) = 1;
    });
  });
  return where(mask.size, [&](auto x0, auto y0, auto z) {
    bool stays = true;
    for_each_voxel(rectangle, [&](auto x, auto y, auto) {
      const auto at_x = x0 + x - kx / 2, at_y = y0 + y - ky / 2;
      stays = stays && mask.inside(at_x, at_y, z) && painted.at(at_x, at_y, z);
    });
    return stays;
  });
}

// Step 4; SPEC 5 for holes.
std::uint8_t merged_label(const DenseMasks& masks, std::int64_t x0, std::int64_t y0, std::int64_t z,
                          int h, EmptyLabel empty, CleanWhat what) {
  std::vector<std::uint8_t> claims, all;
  for (const auto& [label, mask] : masks) {
    all.push_back(label);
    if (mask.at(x0, y0, z)) claims.push_back(label);
  }
  if (claims.size() == 1) return claims[0];
  if (claims.size() > 1 && what == CleanWhat::holes) std::erase(claims, 0);
  if (claims.empty() && empty == EmptyLabel::background) return 0;
  std::uint8_t best = 0;
  int most = 0;
  for (std::uint8_t label : claims.empty() ? all : claims) {
    const Dense& mask = masks.at(label);
    int voxels = 0;
    for (auto y = y0 - h; y <= y0 + h; ++y)
      for (auto x = x0 - h; x <= x0 + h; ++x) voxels += mask.inside(x, y, z) && mask.at(x, y, z);
    if (voxels > most) best = label, most = voxels;
  }
  return best;
}

Dense clean_plainly(const DenseMasks& masks, double voxel_area, const SliceCleaning& parameters) {
  DenseMasks cleaned;
  for (const auto& [label, mask] : masks) {
    const bool closes = parameters.what == CleanWhat::holes;
    Dense result = mask, looked_at = mask;
    if (closes)
      for (std::uint8_t& voxel : looked_at.voxels) voxel = !voxel;
    const Dense small = small_regions_plainly(looked_at, voxel_area, parameters.smaller_than);
    const Dense changed =
        (closes ? closed_plainly : open_plainly)(mask, parameters.kernel_x, parameters.kernel_y);
    for (std::size_t i = 0; i < mask.voxels.size(); ++i)
      if (small.voxels[i] && !(closes && label == 0)) result.voxels[i] = changed.voxels[i];
    cleaned.emplace(label, result);
  }
  Dense merged(masks.begin()->second.size);
  for_each_voxel(merged.size, [&](auto x, auto y, auto z) {
    merged.at(x, y, z) = merged_label(cleaned, x, y, z, parameters.filter_halfedge,
                                      parameters.empty_label, parameters.what);
  });
  return merged;
}

SliceCleaning random_parameters() {
  SliceCleaning parameters;
  parameters.kernel_x = random_in(1, 6);
  parameters.kernel_y = random_in(1, 6);
  parameters.filter_halfedge = random_in(0, 4);
  parameters.smaller_than = random_in(0, 40);
  parameters.empty_label = *rc::gen::element(EmptyLabel::neighbourhood, EmptyLabel::background);
  parameters.what = *rc::gen::element(CleanWhat::regions, CleanWhat::holes);
  return parameters;
}

RC_GTEST_PROP(Spec4Morphological, equals_plain_loops_over_voxels, ()) {
  const Dense dense = random_dense(random_size(), 3);
  const auto parameters = random_parameters();
  LabelledMasks masks;
  DenseMasks plain;
  for (std::uint8_t label = 0; label <= 3; ++label) {
    Dense binary =
        where(dense.size, [&](auto x, auto y, auto z) { return dense.at(x, y, z) == label; });
    masks.emplace_back(label, to_binary(binary));
    plain.emplace(label, std::move(binary));
  }
  const double spacing = *rc::gen::element(0.5, 1.0, 1.5);
  RC_ASSERT(clean_slices(masks, {spacing, 2, 7}, parameters) ==
            to_labels(clean_plainly(plain, spacing * 2, parameters)));
}

// The step as recipes and commands do it.
RC_GTEST_PROP(Spec5CleanSlices, does_so_by_the_labels_names_and_counts_what_changes, ()) {
  const Dense dense = random_dense(random_size(), 3);
  const auto parameters = random_parameters();
  const StepPtr step = step_with(
      "clean_slices",
      {{"kernel_size", fmt::format("[{},{}]", parameters.kernel_x, parameters.kernel_y)},
       {"filter_halfedge", std::to_string(parameters.filter_halfedge)},
       {"smaller_than", fmt::format("\"{} mm2\"", parameters.smaller_than)},
       {"what", parameters.what == CleanWhat::holes ? "\"holes\"" : "\"regions\""},
       {"empty_label", parameters.empty_label == EmptyLabel::background ? "\"background\""
                                                                        : "\"neighbourhood\""}});
  const LabelNames labels{{0, "Bg"}, {1, "a"}, {2, "b"}, {3, "c"}};
  Geometry geometry;
  geometry.size = dense.size;
  MaskState state{to_labels(dense), geometry, labels};
  Values values([](const TakeValues&) { RC_FAIL("it looks at no value"); });
  const StepFindings findings = step->apply(state, values);
  LabelledMasks masks;
  for (std::uint8_t label = 0; label <= 3; ++label)
    masks.emplace_back(label, to_binary(where(dense.size, [&](auto x, auto y, auto z) {
                         return dense.at(x, y, z) == label;
                       })));
  RC_ASSERT(state.mask == clean_slices(masks, {1, 1, 1}, parameters));
  std::int64_t removed = 0, filled = 0, relabelled = 0, gained = 0, lost = 0;
  const LabelledMasks found = extract(state.mask, {1, 2, 3});
  for_each_voxel(dense.size, [&](auto x, auto y, auto z) {
    const int before = dense.at(x, y, z);
    int after = 0;
    for (const auto& [label, mask] : found)
      for (const Run& run : mask.row(y + dense.size.y * z))
        if (run.begin <= x && x < run.end) after = label;
    removed += before != 0 && after == 0;
    filled += before == 0 && after != 0;
    relabelled += before != 0 && after != 0 && before != after;
    gained += before != 2 && after == 2;
    lost += before == 2 && after != 2;
  });
  RC_ASSERT(findings.counts.at("removed") == removed);
  RC_ASSERT(findings.counts.at("filled") == filled);
  RC_ASSERT(findings.counts.at("relabelled") == relabelled);
  RC_ASSERT(findings.counts.at("gained 02_b") == gained);
  RC_ASSERT(findings.counts.at("lost 02_b") == lost);
}

// Binary masks come from files and may overlap or leave gaps.
RC_GTEST_PROP(Spec4Morphological, equals_plain_loops_for_masks_that_overlap_and_leave_gaps, ()) {
  const Size3 size = random_size();
  const auto parameters = random_parameters();
  LabelledMasks masks;
  DenseMasks plain;
  for (std::uint8_t label : {0, 4, 9}) {
    Dense binary = random_dense(size, 1);
    masks.emplace_back(label, to_binary(binary));
    plain.emplace(label, std::move(binary));
  }
  RC_ASSERT(clean_slices(masks, {1, 1, 1}, parameters) ==
            to_labels(clean_plainly(plain, 1, parameters)));
}

LabelledMasks both_masks(const Dense& tumour) {
  const BinaryMask background = to_binary(
      where(tumour.size, [&](auto x, auto y, auto z) { return tumour.at(x, y, z) == 0; }));
  return {{0, background}, {1, to_binary(tumour)}};
}

// A square of 8×8, as large as one may be with specks and holes still being small.
Dense a_square() {
  return where({20, 20, 1},
               [](auto x, auto y, auto) { return 6 <= x && x < 14 && 6 <= y && y < 14; });
}
constexpr std::array<double, 3> one_mm{1, 1, 1};
const SliceCleaning tutorial{2, 2, 3, 10, EmptyLabel::neighbourhood};

TEST(Spec4Morphological, a_large_region_stays_as_it_is) {
  EXPECT_EQ(clean_slices(both_masks(a_square()), one_mm, tutorial), to_labels(a_square()));
}

TEST(Spec4Morphological, an_isolated_speck_goes) {
  Dense mask = a_square();
  mask.at(1, 1, 0) = 1;
  EXPECT_EQ(clean_slices(both_masks(mask), one_mm, tutorial), to_labels(a_square()));
}

TEST(Spec4Morphological, a_small_hole_is_filled) {
  Dense mask = a_square();
  mask.at(9, 9, 0) = 0;
  EXPECT_EQ(clean_slices(both_masks(mask), one_mm, tutorial), to_labels(a_square()));
}

TEST(Spec4Morphological, with_empty_label_background_a_hole_stays_open) {
  Dense mask = a_square();
  mask.at(9, 9, 0) = 0;
  SliceCleaning parameters = tutorial;
  parameters.empty_label = EmptyLabel::background;
  EXPECT_EQ(clean_slices(both_masks(mask), one_mm, parameters), to_labels(mask));
}

TEST(Spec4Morphological, a_region_of_exactly_the_threshold_is_large) {
  // 1×10 voxels: opening by 2×2 would leave nothing of a small region.
  const Dense line =
      where({20, 20, 1}, [](auto x, auto y, auto) { return y == 5 && 3 <= x && x < 13; });
  EXPECT_EQ(clean_slices(both_masks(line), one_mm, tutorial), to_labels(line));
  EXPECT_EQ(clean_slices(both_masks(line), {0.99, 1, 1}, tutorial), to_labels(Dense(line.size)));
}

MaskState a_state(const Dense& mask, LabelNames labels) {
  Geometry geometry;
  geometry.size = mask.size;
  return {to_labels(mask), geometry, std::move(labels)};
}

TEST(Spec5CleanSlices, a_background_without_a_name_is_what_no_label_claims) {
  Dense mask = a_square();
  mask.at(9, 9, 0) = 0;
  MaskState named = a_state(mask, {{0, "Bg"}, {1, "a"}}), unnamed = a_state(mask, {{1, "a"}});
  Values values([](const TakeValues&) {});
  make_step("clean_slices")->apply(named, values);
  make_step("clean_slices")->apply(unnamed, values);
  EXPECT_EQ(unnamed.mask, named.mask);
}

TEST(Spec5CleanSlices, values_that_the_labels_lack_are_told) {
  Dense mask = a_square();
  mask.at(9, 9, 0) = 7;
  MaskState state = a_state(mask, {{0, "Bg"}, {1, "a"}});
  Values values([](const TakeValues&) {});
  const auto problems = make_step("clean_slices")->apply(state, values).problems;
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].kind, ProblemKind::unmapped_label);
  EXPECT_NE(problems[0].what.find("1 voxel of value 7, which is not in the label map"),
            std::string::npos);
  EXPECT_EQ(state.mask, to_labels(a_square())) << "its surroundings are of label 1";
}

TEST(Spec5CleanSlices, masks_have_to_be_extracted_first) {
  MaskState state = a_state(a_square(), {});
  Values values([](const TakeValues&) {});
  EXPECT_THROW(make_step("clean_slices")->apply(state, values), BadInput);
}

LabelMask holes_cleaned(const std::string& smaller_than, const Dense& dense, Given given = {},
                        const Spacing& spacing = {1, 1, 1}) {
  given["smaller_than"] = "\"" + smaller_than + "\"";
  given["what"] = "\"holes\"";
  given.emplace("kernel_size", "[3,3]");
  return mask_after("clean_slices", given, dense, spacing);
}

TEST(Spec5CleanSlicesHoles, small_ones_are_closed_and_specks_stay) {
  const Dense dense = drawn({".........", ".11111...", ".1.1.1.1.", ".11111...", "........."});
  EXPECT_EQ(holes_cleaned("10 voxels", dense),
            to_labels(drawn({".........", ".11111...", ".11111.1.", ".11111...", "........."})));
}

TEST(Spec5CleanSlicesHoles, only_where_the_closing_reaches) {
  const Dense hole =
      drawn({".......", ".11111.", ".1...1.", ".1...1.", ".1...1.", ".11111.", "......."});
  EXPECT_EQ(holes_cleaned("10 voxels", hole), to_labels(hole)) << "three by three fits in";
  EXPECT_EQ(holes_cleaned("10 voxels", hole, {{"kernel_size", "[3,4]"}}),
            holes_cleaned("10 voxels", hole, {{"kernel_size", "[4,3]"}}));
  EXPECT_NE(holes_cleaned("10 voxels", hole, {{"kernel_size", "[3,4]"}}), to_labels(hole));
}

TEST(Spec5CleanSlicesHoles, one_of_exactly_the_size_stays) {
  const Dense dense = drawn({".......", ".11111.", ".1..11.", ".11111.", "......."});
  const LabelMask closed =
      to_labels(drawn({".......", ".11111.", ".11111.", ".11111.", "......."}));
  EXPECT_EQ(holes_cleaned("2 voxels", dense), to_labels(dense));
  EXPECT_EQ(holes_cleaned("3 voxels", dense), closed);
  EXPECT_EQ(holes_cleaned("4 mm2", dense, {}, {4, 0.5, 9}), to_labels(dense));
  EXPECT_EQ(holes_cleaned("4.1 mm2", dense, {}, {4, 0.5, 9}), closed);
}

// 15 times 0.7 times 0.7 is more than 15 times what 0.7 times 0.7 is, in binary fractions.
TEST(Spec5CleanSlicesHoles, as_many_voxels_are_no_fewer_whatever_the_spacing) {
  const auto inside = [](auto x, auto y, auto) { return 0 < x && x < 18 && 0 < y && y < 4; };
  const Dense full = where({19, 5, 1}, inside);
  Dense hole = full;
  for (int x = 2; x < 17; ++x) hole.at(x, 2, 0) = 0;
  EXPECT_EQ(holes_cleaned("15 voxels", hole, {}, {0.7, 0.7, 1}), to_labels(hole));
  EXPECT_EQ(holes_cleaned("16 voxels", hole, {}, {0.7, 0.7, 1}), to_labels(full));
}

TEST(Spec5CleanSlicesHoles, corners_join_them_to_the_outside) {
  const Dense dense = drawn({".........", ".11111...", ".1.1.....", ".111.....", "........."});
  EXPECT_EQ(holes_cleaned("10 voxels", dense),
            to_labels(drawn({".........", ".11111...", ".111.....", ".111.....", "........."})));
  const Dense open = drawn({".........", ".11111...", ".11.1....", ".111.....", "........."});
  EXPECT_EQ(holes_cleaned("10 voxels", open), to_labels(open));
}

// Outside is 0 for the erosion: closing takes nothing from the mask, and adds nothing at the
// border.
TEST(Spec5CleanSlicesHoles, regions_at_the_border_are_small_but_not_closed_there) {
  const Dense corner = drawn({".1111", "11111", "11.11", "11111", "11111"});
  EXPECT_EQ(holes_cleaned("10 voxels", corner),
            to_labels(drawn({".1111", "11111", "11111", "11111", "11111"})));
  const Dense notch = drawn({"11.11", "11.11", "11111", "11111", "11111"});
  EXPECT_EQ(holes_cleaned("10 voxels", notch),
            to_labels(drawn({"11.11", "11111", "11111", "11111", "11111"})));
}

// There are more voxels of 0 than of 1 in the window around the hole.
TEST(Spec5CleanSlicesHoles, background_does_not_vote_against_labels) {
  const Dense ring = where({21, 21, 1}, [](auto x, auto y, auto) {
    return 9 <= x && x < 12 && 9 <= y && y < 12 && !(x == 10 && y == 10);
  });
  Dense full = ring;
  full.at(10, 10, 0) = 1;
  EXPECT_EQ(holes_cleaned("10 voxels", ring), to_labels(full));
}

TEST(Spec5CleanSlicesHoles, the_label_with_most_voxels_around_gets_what_several_claim) {
  const Dense two = drawn({".......", ".22222.", ".2.122.", ".22222.", "......."});
  EXPECT_EQ(holes_cleaned("10 voxels", two),
            to_labels(drawn({".......", ".22222.", ".22222.", ".22222.", "......."})))
      << "1 is a hole of 2, and claimed by 1";
  EXPECT_EQ(holes_cleaned("10 voxels", two, {{"filter_halfedge", "0"}}),
            to_labels(drawn({".......", ".22222.", ".22122.", ".22222.", "......."})))
      << "as many voxels: the lowest label";
}

// Nothing closes the voxel of value 4, and no label claims it.
TEST(Spec5CleanSlicesHoles, all_vote_where_none_claims) {
  const Dense dense = drawn({".......", ".......", "..14...", ".......", "......."});
  EXPECT_EQ(holes_cleaned("10 voxels", dense),
            to_labels(drawn({".......", ".......", "..1....", ".......", "......."})));
  EXPECT_EQ(holes_cleaned("10 voxels", drawn({"1111", "1411", "1111"}), {{"kernel_size", "[1,1]"}}),
            to_labels(drawn({"1111", "1111", "1111"})));
  EXPECT_EQ(holes_cleaned("10 voxels", drawn({"1111", "1411", "1111"}),
                          {{"kernel_size", "[1,1]"}, {"empty_label", "\"background\""}}),
            to_labels(drawn({"1111", "1.11", "1111"})));
}

// The voxel of value 4 is a hole of label 0, which stays open: so no label claims it.
TEST(Spec5CleanSlicesHoles, holes_of_the_background_are_not_closed) {
  const Dense dense =
      drawn({"2222222", "2222222", "22...22", "22.4.22", "22...22", "2222222", "2222222"});
  EXPECT_EQ(holes_cleaned("2 voxels", dense),
            to_labels(drawn(
                {"2222222", "2222222", "22...22", "22.2.22", "22...22", "2222222", "2222222"})));
}

TEST(Spec5CleanSlicesHoles, each_slice_is_for_itself) {
  const std::vector<std::string> open{".....", ".111.", ".1.1.", ".111.", "....."},
      full{".....", ".111.", ".111.", ".111.", "....."};
  EXPECT_EQ(holes_cleaned("2 voxels", drawn_slices({open, open, open})),
            to_labels(drawn_slices({full, full, full})));
}

}  // namespace
}  // namespace nicohort
