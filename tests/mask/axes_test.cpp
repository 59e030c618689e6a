#include "mask/axes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

RC_GTEST_PROP(Axes, are_exchanged_voxel_by_voxel, ()) {
  const Dense dense = random_dense(random_size(), 1);
  const auto& [nx, ny, nz] = dense.size;
  const Dense by_x = where({nz, ny, nx}, [&](auto x, auto y, auto z) { return dense.at(z, y, x); });
  const Dense by_y = where({nx, nz, ny}, [&](auto x, auto y, auto z) { return dense.at(x, z, y); });
  const BinaryMask mask = to_binary(dense);
  RC_ASSERT(exchange_with_z(mask, 0) == to_binary(by_x));
  RC_ASSERT(exchange_with_z(mask, 1) == to_binary(by_y));
  RC_ASSERT(exchange_with_z(mask, 2) == mask);
  for (int axis = 0; axis < 3; ++axis)
    RC_ASSERT(exchange_with_z(exchange_with_z(mask, axis), axis) == mask);
}

RC_GTEST_PROP(Axes, a_mask_is_turned_voxel_by_voxel, ()) {
  const Dense dense = random_dense(random_size(), 3);
  Turn turn;
  for (int i = random_in(0, 6); i > 0; --i)
    std::next_permutation(turn.axis.begin(), turn.axis.end());
  for (bool& reversed : turn.reversed) reversed = random_in(0, 2) == 1;
  const std::array<std::int64_t, 3> sizes{dense.size.x, dense.size.y, dense.size.z};
  Dense expected({sizes[turn.axis[0]], sizes[turn.axis[1]], sizes[turn.axis[2]]});
  for_each_voxel(expected.size, [&](auto x, auto y, auto z) {
    const std::array<std::int64_t, 3> to{x, y, z};
    std::array<std::int64_t, 3> from{};
    for (int i = 0; i < 3; ++i)
      from[turn.axis[i]] = turn.reversed[i] ? sizes[turn.axis[i]] - 1 - to[i] : to[i];
    expected.at(x, y, z) = dense.at(from[0], from[1], from[2]);
  });
  RC_ASSERT(turned(to_labels(dense), turn) == to_labels(expected));
  const TurnedVoxels place = turned_voxels(dense.size, turn);
  for_each_voxel(expected.size, [&](auto x, auto y, auto z) {
    RC_ASSERT(dense.voxels[place.at(x, y, z)] == expected.at(x, y, z));
  });
}

}  // namespace
}  // namespace nicohort
