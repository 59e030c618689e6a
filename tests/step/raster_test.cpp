#include "step/raster.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "mask/dense.hpp"

namespace nicohort {
namespace {

using namespace testing;

// How much of cell i of n lies in cell j of m.
double shared(std::int64_t i, std::int64_t n, std::int64_t j, std::int64_t m) {
  return std::max(0.0, std::min((i + 1.0) / n, (j + 1.0) / m) - std::max(1.0 * i / n, 1.0 * j / m));
}

RC_GTEST_PROP(Resampling, each_pixel_is_the_mean_of_what_it_covers_in_whatever_order_it_comes, ()) {
  const std::int64_t width = random_in(1, 40), height = random_in(1, 12);
  const std::int64_t columns = random_in(1, 20), rows = random_in(1, 20);
  std::mt19937 random(random_in(0, 1'000'000'000));
  std::vector<std::uint8_t> values(width * height);
  for (std::uint8_t& value : values) value = std::uint8_t(random());
  std::vector<std::int64_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), random);

  Resampling resampling({width, height}, {columns, rows});
  for (const std::int64_t i : order) resampling.add(i % width, i / width, values[i]);
  const Raster picture = resampling.picture(61);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t column = 0; column < columns; ++column) {
      double mean = 0;
      for (std::int64_t y = 0; y < height; ++y)
        for (std::int64_t x = 0; x < width; ++x)
          mean += values[x + y * width] * shared(x, width, column, columns) *
                  shared(y, height, row, rows) * columns * rows;
      RC_ASSERT(std::abs(picture.at(column, row) - mean * 61 / 255) < 0.5 + 1e-6);
    }
}

TEST(Resampling, halves_are_rounded_up) {
  Resampling resampling({2, 1}, {1, 1});
  resampling.add(0, 0, 255);
  resampling.add(1, 0, 0);
  EXPECT_EQ(resampling.picture(61).at(0, 0), 31);
}

}  // namespace
}  // namespace nicohort
