#include "step/nonzero_box.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>

#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

VoxelBox naive_box(const Dense& volume) {
  VoxelBox box{{volume.size.x, volume.size.y, volume.size.z}, {0, 0, 0}};
  for_each_voxel(volume.size, [&](auto x, auto y, auto z) {
    if (volume.at(x, y, z) == 0) return;
    const std::array<std::int64_t, 3> at{x, y, z};
    for (int axis = 0; axis < 3; ++axis) {
      box.begin[axis] = std::min(box.begin[axis], at[axis]);
      box.end[axis] = std::max(box.end[axis], at[axis] + 1);
    }
  });
  if (box.end[0] == 0) return {{}, {volume.size.x, volume.size.y, volume.size.z}};
  return box;
}

RC_GTEST_PROP(NonzeroBox, equals_a_loop_over_the_voxels_of_all_channels, ()) {
  Size3 size = random_size();
  size.x *= *rc::gen::element(1, 20);  // rows of many blocks
  Dense either(size);
  NonzeroBox box(size);
  for (int channel = 0; channel < 2; ++channel) {
    std::vector<float> values(size.voxels());
    for (int count = *rc::gen::inRange(0, 4); count > 0; --count) {
      values[random_in(0, int(size.voxels()))] =
          *rc::gen::element(1e-45F, -3.0F, std::nanf(""), -0.0F);
    }
    for (std::size_t i = 0; i < values.size(); ++i)
      if (values[i] != 0) either.voxels[i] = 1;  // NaN is not
    feed_in_pieces(values, box);
  }
  RC_ASSERT(box.box() == naive_box(either));
}

TEST(NonzeroBox, is_the_whole_of_a_volume_that_is_0) {
  NonzeroBox box({3, 4, 5});
  box.feed(std::vector<float>(60));
  EXPECT_EQ(box.box(), (VoxelBox{{0, 0, 0}, {3, 4, 5}}));
}

}  // namespace
}  // namespace nicohort
