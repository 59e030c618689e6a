#include "mask/scan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

// Lengths from 1 to `most` that add up to `total`.
std::vector<std::size_t> random_pieces(std::size_t total) {
  std::mt19937 random(random_in(0, 1'000'000'000));
  const std::size_t most = random_in(1, 400);
  std::vector<std::size_t> pieces;
  while (total > 0) {
    pieces.push_back(std::min<std::size_t>(total, 1 + random() % most));
    total -= pieces.back();
  }
  return pieces;
}

RC_GTEST_PROP(LabelScanner, finds_the_maximal_runs_whatever_the_pieces, ()) {
  const Dense dense = random_dense(random_size(), *rc::gen::element(1, 3, 255));
  LabelScanner scanner(dense.size);
  std::span<const std::uint8_t> rest(dense.voxels);
  for (std::size_t piece : random_pieces(rest.size())) {
    scanner.feed(rest.first(piece));
    rest = rest.subspan(piece);
  }
  RC_ASSERT(scanner.finish() == to_labels(dense));
}

RC_GTEST_PROP(LabelPainter, gives_the_voxels_back_whatever_the_pieces, ()) {
  const Dense dense = random_dense(random_size(), *rc::gen::element(1, 3, 255));
  const LabelMask mask = to_labels(dense);
  LabelPainter painter(mask);
  std::vector<std::uint8_t> painted;
  for (std::size_t piece : random_pieces(dense.voxels.size())) {
    std::vector<std::uint8_t> voxels(piece,
                                     99);  // its own array, so that a sanitizer sees its ends
    painter.paint(voxels);
    painted.insert(painted.end(), voxels.begin(), voxels.end());
  }
  RC_ASSERT(painted == dense.voxels);
}

RC_GTEST_PROP(LabelPainter, gives_each_label_its_value, ()) {
  Dense dense = random_dense(random_size(), 3);
  const LabelMask mask = to_labels(dense);
  LabelValues values = ones_at(std::uint8_t(random_in(0, 4)));
  if (random_in(0, 2) == 0) values[2] = 200;
  LabelPainter painter(mask, values);
  std::vector<std::uint8_t> painted(dense.voxels.size());
  std::span<std::uint8_t> rest(painted);
  for (std::size_t piece : random_pieces(rest.size())) {
    painter.paint(rest.first(piece));
    rest = rest.subspan(piece);
  }
  for (std::uint8_t& voxel : dense.voxels) voxel = values[voxel];
  RC_ASSERT(painted == dense.voxels);
}

TEST(LabelScanner, tells_touching_labels_apart_and_joins_what_a_piece_cuts) {
  LabelScanner scanner({4, 2, 1});
  scanner.feed(std::vector<std::uint8_t>{0, 2, 2, 3, 3});
  scanner.feed(std::vector<std::uint8_t>{3, 0, 3});
  const LabelMask mask = scanner.finish();
  EXPECT_EQ(std::vector(mask.row(0).begin(), mask.row(0).end()),
            (std::vector<LabelRun>{{1, 3, 2}, {3, 4, 3}}));
  EXPECT_EQ(std::vector(mask.row(1).begin(), mask.row(1).end()),
            (std::vector<LabelRun>{{0, 2, 3}, {3, 4, 3}}));
}

TEST(LabelPainter, writes_background_beyond_the_last_voxel) {
  LabelMask mask({2, 1, 1});
  mask.add({0, 2, 7});
  mask.end_row();
  LabelPainter painter(mask);
  std::vector<std::uint8_t> voxels(40, 99);
  painter.paint(voxels);
  std::vector<std::uint8_t> expected(40);
  expected[0] = expected[1] = 7;
  EXPECT_EQ(voxels, expected);
}

}  // namespace
}  // namespace nicohort
