#include "mask/axes.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

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

}  // namespace
}  // namespace nicohort
