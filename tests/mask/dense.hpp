// Masks as plain arrays, for tests: voxel loops that are slow and plainly right.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "mask/run_mask.hpp"

namespace nicohort::testing {

struct Dense {
  explicit Dense(Size3 s) : size(s), voxels(s.voxels()) {}

  Size3 size;
  std::vector<std::uint8_t> voxels;  // memory order

  bool inside(std::int64_t x, std::int64_t y, std::int64_t z) const {
    return 0 <= x && x < size.x && 0 <= y && y < size.y && 0 <= z && z < size.z;
  }
  std::uint8_t& at(std::int64_t x, std::int64_t y, std::int64_t z) {
    return voxels[x + size.x * (y + size.y * z)];
  }
  std::uint8_t at(std::int64_t x, std::int64_t y, std::int64_t z) const {
    return voxels[x + size.x * (y + size.y * z)];
  }
};

using Visit = std::function<void(std::int64_t x, std::int64_t y, std::int64_t z)>;
inline void for_each_voxel(Size3 size, const Visit& visit) {
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      for (std::int64_t x = 0; x < size.x; ++x) visit(x, y, z);
    }
  }
}

// The maximal runs of values other than 0. Equality with them also says that a mask is in its one
// form.
inline LabelMask to_labels(const Dense& dense) {
  LabelMask mask(dense.size);
  for (std::int64_t z = 0; z < dense.size.z; ++z) {
    for (std::int64_t y = 0; y < dense.size.y; ++y) {
      for (std::int64_t x = 0; x < dense.size.x;) {
        std::int64_t end = x;
        while (end < dense.size.x && dense.at(end, y, z) == dense.at(x, y, z)) ++end;
        if (const std::uint8_t label = dense.at(x, y, z)) {
          mask.add({std::uint32_t(x), std::uint32_t(end), label});
        }
        x = end;
      }
      mask.end_row();
    }
  }
  return mask;
}

// All values but 0 and 1 are mistakes of the test.
inline BinaryMask to_binary(const Dense& dense) {
  RC_ASSERT(std::all_of(dense.voxels.begin(), dense.voxels.end(), [](int v) { return v <= 1; }));
  const LabelMask labels = to_labels(dense);
  BinaryMask mask(dense.size);
  for (std::int64_t row = 0; row < dense.size.rows(); ++row) {
    for (const LabelRun& run : labels.row(row)) mask.add({run.begin, run.end});
    mask.end_row();
  }
  return mask;
}

// The voxels for which the predicate holds.
template <class Predicate>
Dense where(Size3 size, Predicate predicate) {
  Dense result(size);
  for_each_voxel(size, [&](auto x, auto y, auto z) { result.at(x, y, z) = predicate(x, y, z); });
  return result;
}

// Evenly from begin to end - 1. RapidCheck by itself keeps to small numbers in its first cases.
inline int random_in(int begin, int end) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(begin, end));
}

// Any small size, with directions of one voxel, rows beyond a cache line, and more slices than are
// worked on at a time among them.
inline Size3 random_size() {
  if (random_in(0, 5) == 0) return {random_in(1, 8), random_in(1, 6), random_in(1, 40)};
  const int longest = *rc::gen::element(1, 11, 199);
  return {random_in(1, longest + 1), random_in(1, 12), random_in(1, 7)};
}

// Labels 0 to max_label: boxes, then noise of any density over them; sometimes empty, sometimes
// full.
inline Dense random_dense(Size3 size, int max_label) {
  Dense dense(size);
  std::mt19937 random(random_in(0, 1'000'000'000));
  const auto below = [&](std::int64_t n) { return std::int64_t(random() % std::uint64_t(n)); };
  const int boxes = random_in(0, 6);
  const int noise = *rc::gen::element(0, 0, 1, 5, 20, 50, 90, 100);  // per cent
  for (int i = 0; i < boxes; ++i) {
    const Size3 begin{below(size.x), below(size.y), below(size.z)};
    const Size3 length{1 + below(size.x), 1 + below(size.y), 1 + below(size.z)};
    const auto label = std::uint8_t(below(max_label + 1));
    for_each_voxel(length, [&](auto x, auto y, auto z) {
      x += begin.x, y += begin.y, z += begin.z;
      if (dense.inside(x, y, z)) dense.at(x, y, z) = label;
    });
  }
  for (std::uint8_t& voxel : dense.voxels) {
    if (below(100) < noise) voxel = std::uint8_t(below(max_label + 1));
  }
  if (boxes == 0 && noise == 100) std::fill(dense.voxels.begin(), dense.voxels.end(), max_label);
  return dense;
}

}  // namespace nicohort::testing
