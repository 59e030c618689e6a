#include "mask/slices.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

// Boxes with empty rows and slices between them.
Dense random_boxes(Size3 size) {
  Dense dense(size);
  std::mt19937 random(random_in(0, 1'000'000'000));
  for (int i = random_in(0, 4); i > 0; --i)
    dense.at(random() % size.x, random() % size.y, random() % size.z) = 1;
  for (const int z : {3, 4, 9})
    if (z < size.z)
      for (std::int64_t y = 1; y + 1 < size.y; ++y) dense.at(0, y, z) = 1;
  return dense;
}

RC_GTEST_PROP(Rows, each_is_found_by_its_number_whatever_rows_are_empty, ()) {
  const Dense dense = random_boxes(random_size());
  const BinaryMask mask = to_binary(dense);
  std::size_t filled = 0;
  for (std::int64_t row = 0; row < dense.size.rows(); ++row) {
    RC_ASSERT(mask.filled_from(row) == filled);
    std::vector<Run> expected;
    for (std::int64_t x = 0; x < dense.size.x; ++x) {
      if (dense.voxels[row * dense.size.x + x] == 0) continue;
      const auto begin = std::uint32_t(x);
      if (!expected.empty() && expected.back().end == begin)
        ++expected.back().end;
      else
        expected.push_back({begin, begin + 1});
    }
    const auto runs = mask.row(row);
    RC_ASSERT(std::vector(runs.begin(), runs.end()) == expected);
    if (!expected.empty()) RC_ASSERT(mask.filled_row(filled++).index == row);
  }
  RC_ASSERT(mask.filled() == filled);
  RC_ASSERT(mask.filled_from(dense.size.rows()) == filled);
}

RC_GTEST_PROP(Rows, those_looked_up_in_turn_are_those_looked_up_alone, ()) {
  const BinaryMask mask = to_binary(random_boxes(random_size()));
  const std::int64_t first = random_in(-2, 3);
  RowsInTurn<Run> rows(mask, first);
  for (std::int64_t row = first; row < mask.size().rows() + 2; row += random_in(1, 4)) {
    const auto found = rows.row(row), expected = mask.row(row);
    RC_ASSERT(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
  }
}

RC_GTEST_PROP(Slices, a_mask_is_its_slices_one_behind_the_other, ()) {
  const Size3 size = random_size();
  const Dense dense = *rc::gen::element(0, 1) == 0 ? random_boxes(size) : random_dense(size, 1);
  const BinaryMask mask = to_binary(dense);
  const std::int64_t cut = random_in(0, int(size.z) + 1);
  const BinaryMask lower = slices(mask, 0, cut), upper = slices(mask, cut, size.z);
  RC_ASSERT(upper.row(0, 0).size() == (cut < size.z ? mask.row(0, cut).size() : 0));
  BinaryMask whole(size);
  append(lower, whole);
  append(upper, whole);
  RC_ASSERT(whole == mask);
}

TEST(Slices, what_is_made_of_them_is_in_their_order) {
  Dense dense({3, 2, 41});
  for (int z = 0; z < 41; ++z) dense.at(z % 3, z % 2, z) = 1;
  std::int64_t next_z = 0;
  for (const auto& [first_z, part] : map_slices(
           to_binary(dense),
           [](const BinaryMask&part, std::int64_t first_z) { return std::pair(first_z, part); })) {
    EXPECT_EQ(first_z, next_z);
    EXPECT_EQ(part, slices(to_binary(dense), first_z, first_z + part.size().z));
    next_z += part.size().z;
  }
  EXPECT_EQ(next_z, 41);
  EXPECT_EQ(by_slices(to_binary(dense), [](const BinaryMask& part) { return part; }),
            to_binary(dense));
}

}  // namespace
}  // namespace nicohort
