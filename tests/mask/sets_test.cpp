#include "mask/sets.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Sets, count_and_select_each_label, ()) {
  const Dense dense = random_dense(random_size(), *rc::gen::element(1, 3, 255));
  const LabelMask mask = to_labels(dense);
  const auto counts = count_labels(mask);
  for (int label = 0; label < 256; ++label) {
    const auto voxels = std::count(dense.voxels.begin(), dense.voxels.end(), label);
    RC_ASSERT(counts[label] == voxels);
    if (voxels == 0 && label > 3) continue;
    const BinaryMask selected = select(mask, std::uint8_t(label));
    const Dense expected =
        where(dense.size, [&](auto x, auto y, auto z) { return dense.at(x, y, z) == label; });
    RC_ASSERT(selected == to_binary(expected));
    RC_ASSERT(count(selected) == voxels);
  }
}

RC_GTEST_PROP(Sets, relabel_gives_all_voxels_one_label, ()) {
  Dense dense = random_dense(random_size(), 1);
  const BinaryMask mask = to_binary(dense);
  for (std::uint8_t& voxel : dense.voxels) voxel *= 17;
  RC_ASSERT(relabel(mask, 17) == to_labels(dense));
}

RC_GTEST_PROP(Sets, unite_and_subtract_voxel_by_voxel, ()) {
  const Size3 size = random_size();
  const Dense a = random_dense(size, 1), b = random_dense(size, 1);
  const Dense either =
      where(size, [&](auto x, auto y, auto z) { return a.at(x, y, z) || b.at(x, y, z); });
  const Dense only_a =
      where(size, [&](auto x, auto y, auto z) { return a.at(x, y, z) && !b.at(x, y, z); });
  RC_ASSERT(unite(to_binary(a), to_binary(b)) == to_binary(either));
  RC_ASSERT(subtract(to_binary(a), to_binary(b)) == to_binary(only_a));
}

RC_GTEST_PROP(Sets, paint_gives_these_voxels_a_label_and_leaves_the_others, ()) {
  Dense dense = random_dense(random_size(), 3);
  const Dense voxels = random_dense(dense.size, 1);
  const auto label = std::uint8_t(*rc::gen::element(0, 2, 3, 200));
  const LabelMask painted = paint(to_labels(dense), to_binary(voxels), label);
  for (std::size_t i = 0; i < dense.voxels.size(); ++i)
    if (voxels.voxels[i] == 1) dense.voxels[i] = label;
  RC_ASSERT(painted == to_labels(dense));
}

RC_GTEST_PROP(Sets, map_labels_replaces_all_at_once, ()) {
  Dense dense = random_dense(random_size(), 5);
  std::array<std::uint8_t, 256> to{};
  for (int label = 1; label < 256; ++label) to[label] = std::uint8_t(random_in(0, 6));
  const LabelMask mapped = map_labels(to_labels(dense), to);
  for (std::uint8_t& voxel : dense.voxels) voxel = to[voxel];
  RC_ASSERT(mapped == to_labels(dense));
}

RC_GTEST_PROP(Sets, select_any_and_complement, ()) {
  const Dense dense = random_dense(random_size(), 4);
  std::array<bool, 256> labels{};
  for (int label = 0; label < 5; ++label) labels[label] = random_in(0, 2) == 1;
  const BinaryMask any = select_any(to_labels(dense), labels);
  RC_ASSERT(any == to_binary(where(dense.size, [&](auto x, auto y, auto z) {
              return labels[dense.at(x, y, z)];
            })));
  RC_ASSERT(complement(any) == to_binary(where(dense.size, [&](auto x, auto y, auto z) {
              return !labels[dense.at(x, y, z)];
            })));
}

RC_GTEST_PROP(Sets, label_changes_are_counted_by_what_they_were_and_are, ()) {
  const Size3 size = random_size();
  const Dense before = random_dense(size, 3), after = random_dense(size, 3);
  std::map<std::pair<std::uint8_t, std::uint8_t>, std::int64_t> expected;
  for (std::size_t i = 0; i < before.voxels.size(); ++i)
    if (before.voxels[i] != after.voxels[i]) ++expected[{before.voxels[i], after.voxels[i]}];
  RC_ASSERT(label_changes(to_labels(before), to_labels(after)) == expected);
}

RC_GTEST_PROP(Sets, voxels_of_some_labels_are_compared_with_the_ones_of_another_mask, ()) {
  const Size3 size = random_size();
  const Dense mask = random_dense(size, 4), other = random_dense(size, 2);
  std::array<bool, 256> labels{};
  for (int label = 0; label < 5; ++label) labels[label] = random_in(0, 2) == 1;
  std::int64_t expected = 0;
  for (std::size_t i = 0; i < mask.voxels.size(); ++i)
    expected += labels[mask.voxels[i]] != (other.voxels[i] == 1);
  RC_ASSERT(count_differing(to_labels(mask), labels, to_labels(other)) == expected);
}

TEST(Sets, rows_as_long_as_nifti_allows) {
  const std::uint32_t width = 0x7fffffff;
  LabelMask mask({width, 3, 1});
  mask.end_row();
  mask.add({5, width - 1, 2});
  mask.end_row();
  mask.end_row();
  EXPECT_EQ(count_labels(mask)[2], std::int64_t(width) - 6);
  EXPECT_EQ(count_labels(mask)[0], 2 * std::int64_t(width) + 6);
  const BinaryMask background = select(mask, 0);
  EXPECT_EQ(count(background), 2 * std::int64_t(width) + 6);
  EXPECT_EQ(count(unite(background, select(mask, 2))), 3 * std::int64_t(width));
  EXPECT_EQ(subtract(background, background).runs().size(), 0u);
}

}  // namespace
}  // namespace nicohort
