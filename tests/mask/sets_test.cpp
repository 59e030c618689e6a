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
