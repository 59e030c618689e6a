#include "mask/merge.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"
#include "mask/sets.hpp"

namespace nicohort {
namespace {

using namespace testing;

using DenseMasks = std::vector<std::pair<std::uint8_t, Dense>>;

Dense merge_plainly(const DenseMasks& masks, int halfedge, EmptyLabel empty,
                    BackgroundClaim background) {
  Dense merged(masks.front().second.size);
  for_each_voxel(merged.size, [&](auto x, auto y, auto z) {
    const auto claims = [&](const auto& mask) { return mask.second.at(x, y, z) != 0; };
    const auto claimed = std::count_if(masks.begin(), masks.end(), claims);
    if (claimed == 0 && empty == EmptyLabel::background) return;
    int most = 0;
    for (const auto& mask : masks) {
      if (claimed > 0 && !claims(mask)) continue;
      if (claimed > 1 && mask.first == 0 && background == BackgroundClaim::yields) continue;
      int voxels = 0;
      for (auto v = y - halfedge; v <= y + halfedge; ++v) {
        for (auto u = x - halfedge; u <= x + halfedge; ++u) {
          if (merged.inside(u, v, z)) voxels += mask.second.at(u, v, z);
        }
      }
      if (voxels > most) most = voxels, merged.at(x, y, z) = mask.first;
    }
  });
  return merged;
}

LabelMask merge_runs(const DenseMasks& masks, int halfedge, EmptyLabel empty,
                     BackgroundClaim background) {
  std::vector<std::pair<std::uint8_t, BinaryMask>> binary;
  for (const auto& [label, mask] : masks) binary.emplace_back(label, to_binary(mask));
  return merge(binary, halfedge, empty, background);
}

EmptyLabel random_empty() {
  return *rc::gen::element(EmptyLabel::neighbourhood, EmptyLabel::background);
}

BackgroundClaim random_claim() {
  return *rc::gen::element(BackgroundClaim::equal, BackgroundClaim::yields);
}

RC_GTEST_PROP(Merge, decides_overlaps_and_gaps_by_neighbourhood, ()) {
  const Size3 size = random_size();
  DenseMasks masks;
  std::uint8_t label = *rc::gen::element(0, 0, 1, 200);
  for (int left = random_in(1, 5); left > 0; --left) {
    masks.emplace_back(label, random_dense(size, 1));
    label += std::uint8_t(random_in(1, 10));
  }
  const int halfedge = random_in(0, 5);
  const EmptyLabel empty = random_empty();
  const BackgroundClaim background = random_claim();
  RC_ASSERT(merge_runs(masks, halfedge, empty, background) ==
            to_labels(merge_plainly(masks, halfedge, empty, background)));
}

// What the routine makes: masks of all labels of one image, nearly.
RC_GTEST_PROP(Merge, near_partitions, ()) {
  const Size3 size = random_size();
  const Dense labels = random_dense(size, 3), changed = random_dense(size, 100);
  DenseMasks masks;
  for (std::uint8_t label = 0; label <= 3; ++label) {
    masks.emplace_back(label, where(size, [&](auto x, auto y, auto z) {
                         const bool flip = changed.at(x, y, z) == label + 1;
                         return (labels.at(x, y, z) == label) != flip;
                       }));
  }
  const int halfedge = random_in(0, 5);
  const EmptyLabel empty = random_empty();
  const BackgroundClaim background = random_claim();
  RC_ASSERT(merge_runs(masks, halfedge, empty, background) ==
            to_labels(merge_plainly(masks, halfedge, empty, background)));
}

RC_GTEST_PROP(Merge, undoes_select, ()) {
  const LabelMask mask = to_labels(random_dense(random_size(), *rc::gen::element(1, 5, 255)));
  std::vector<std::pair<std::uint8_t, BinaryMask>> masks;
  for (int label = 0; label < 256; ++label) {
    masks.emplace_back(label, select(mask, std::uint8_t(label)));
  }
  RC_ASSERT(merge(masks, 3, random_empty(), random_claim()) == mask);
}

// Two masks claim x = 2, with three voxels each in its window: the lower label has it.
TEST(Merge, lowest_label_on_a_tie) {
  BinaryMask left({5, 1, 1}), right({5, 1, 1});
  left.add({0, 3});
  left.end_row();
  right.add({2, 5});
  right.end_row();
  LabelMask expected({5, 1, 1});
  expected.add({0, 3, 4});
  expected.add({3, 5, 9});
  expected.end_row();
  EXPECT_EQ(merge({{4, left}, {9, right}}, 2, EmptyLabel::neighbourhood), expected);
}

// A gap longer than the window stays background where no mask is near.
TEST(Merge, empty_window_is_background) {
  BinaryMask mask({2000, 1, 1});
  mask.add({0, 1});
  mask.add({1999, 2000});
  mask.end_row();
  LabelMask expected({2000, 1, 1});
  expected.add({0, 4, 6});
  expected.add({1996, 2000, 6});
  expected.end_row();
  EXPECT_EQ(merge({{6, mask}}, 3, EmptyLabel::neighbourhood), expected);
  EXPECT_EQ(merge({{6, mask}}, 3, EmptyLabel::background), relabel(mask, 6));
}

}  // namespace
}  // namespace nicohort
