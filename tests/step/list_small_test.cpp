#include "step/list_small.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "step/done_step.hpp"

namespace nicohort {
namespace {

using namespace testing;

// Voxels and centre of each region that is listed, by label.
using ListedRegions = std::map<int, std::vector<std::pair<std::int64_t, std::array<double, 3>>>>;

ListedRegions listed(const Given& given, const Dense& dense, const Spacing& spacing = {1, 1, 1}) {
  MaskState state = state_of(dense, spacing);
  ListedRegions regions;
  for (const LabelRegions& label : do_step(step_with("list_small", given), state).regions) {
    auto& of_label = regions[label.label];
    for (const MeasuredRegion& region : label.regions)
      of_label.emplace_back(region.voxels, region.centre);
  }
  RC_ASSERT(state.mask == to_labels(dense));
  return regions;
}

RC_GTEST_PROP(Spec5ListSmall, equals_a_loop_over_voxels, ()) {
  const Dense dense = random_dense(random_size(), 4);
  const Spacing spacing = random_spacing();
  const RandomSize size = random_region_size(spacing[0] * spacing[1] * spacing[2]);
  const Of of = random_of({0, 1, 2, 3});
  ListedRegions expected;
  for (const int label : of.labels) {
    if (label == 4) continue;  // has no name
    auto& regions = expected[label];
    for (const Voxels& part : parts_of(
             where(dense.size, [&](auto x, auto y, auto z) { return dense.at(x, y, z) == label; }),
             [](const Voxel&) { return true; })) {
      if (!size.is_above(part.size())) continue;
      std::array<double, 3> centre{};
      for (const Voxel& voxel : part)
        for (int axis = 0; axis < 3; ++axis) centre[axis] += double(voxel[axis]);
      for (double& mean : centre) mean /= double(part.size());
      regions.emplace_back(std::int64_t(part.size()), centre);
    }
  }
  RC_ASSERT(listed({{"smaller_than", size.json("mm3")}, {"of", of.json}}, dense, spacing) ==
            expected);
}

TEST(Spec5ListSmall, of_all_labels_or_of_those_that_are_named) {
  const Dense dense = drawn({"1.12"});
  const auto labels_listed = [&](const std::string& of) {
    std::set<int> labels;
    for (const auto& [label, regions] : listed({{"smaller_than", "\"9 mm3\""}, {"of", of}}, dense))
      labels.insert(label);
    return labels;
  };
  EXPECT_EQ(labels_listed(""), (std::set<int>{0, 1, 2, 3})) << "empty labels too";
  EXPECT_EQ(labels_listed("\"foreground\""), (std::set<int>{1, 2, 3}));
  EXPECT_EQ(labels_listed("\"a\""), std::set<int>{1});
  EXPECT_EQ(labels_listed("[\"b\",\"Bg\"]"), (std::set<int>{0, 2}));
}

TEST(Spec5ListSmall, each_label_alone_and_strictly_below) {
  const Dense dense = drawn({"1122"});
  EXPECT_EQ(listed({{"smaller_than", "\"3 voxels\""}, {"of", "[\"a\",\"b\"]"}}, dense),
            (ListedRegions{{1, {{2, {0.5, 0, 0}}}}, {2, {{2, {2.5, 0, 0}}}}}));
  EXPECT_EQ(listed({{"smaller_than", "\"2 voxels\""}, {"of", "[\"a\",\"b\"]"}}, dense),
            (ListedRegions{{1, {}}, {2, {}}}));
}

TEST(Spec5ListSmall, what_it_lists_is_of_the_sample) {
  EXPECT_NE(step_with("list_small", {{"of", "\"a\""}})->work(), make_step("list_small")->work());
}

TEST(Spec5ListSmall, masks_have_to_be_extracted_before_it) {
  MaskState state = state_of(drawn({"1"}));
  state.labels.clear();
  EXPECT_THROW(do_step(make_step("list_small"), state), BadInput);
}

}  // namespace
}  // namespace nicohort
