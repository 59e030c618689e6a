#include "mask/combine.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Spec5Combine, each_voxel_gets_the_highest_or_the_lowest_label, ()) {
  const Size3 size = random_size();
  const std::array<std::uint8_t, 3> labels{2, 7, 255};
  std::vector<Dense> dense;
  std::map<std::uint8_t, BinaryMask> masks;
  for (const std::uint8_t label : labels) {
    dense.push_back(random_dense(size, 1));
    masks.emplace(label, to_binary(dense.back()));
  }
  const Overlap overlap = *rc::gen::element(Overlap::last, Overlap::first, Overlap::error);
  Dense wanted(size);
  std::int64_t overlapping = 0;
  std::array<std::int64_t, 3> position{};
  std::array<std::uint8_t, 2> two{};
  for_each_voxel(size, [&](auto x, auto y, auto z) {
    std::vector<std::uint8_t> here;
    for (std::size_t i = 0; i < labels.size(); ++i)
      if (dense[i].at(x, y, z) == 1) here.push_back(labels[i]);
    if (here.empty()) return;
    wanted.at(x, y, z) = overlap == Overlap::first ? here.front() : here.back();
    if (here.size() > 1 && overlapping++ == 0) {
      position = {x, y, z};
      two = {here[0], here[1]};
    }
  });
  const CombinedMask combined = combine(masks, overlap);
  RC_ASSERT(combined.mask == to_labels(wanted));
  RC_ASSERT(combined.overlapping == overlapping);
  RC_ASSERT(combined.position == position);
  RC_ASSERT(combined.labels == two);
}

TEST(Spec5Combine, rules_have_names) {
  for (const Overlap overlap : {Overlap::last, Overlap::first, Overlap::error})
    EXPECT_EQ(overlap_named(name_of(overlap)), overlap);
  EXPECT_EQ(overlap_named("max"), std::nullopt);
}

}  // namespace
}  // namespace nicohort
