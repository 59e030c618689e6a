#include "step/intensity.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;

BinaryMask row_mask(std::int64_t width) {
  BinaryMask mask({width, 1, 1});
  mask.add({0, static_cast<std::uint32_t>(width)});
  mask.end_row();
  return mask;
}

IntensitySummary summary_of(const std::vector<float>& values) {
  const BinaryMask all = row_mask(std::ssize(values));
  Intensity intensity(all);
  intensity.feed(values);
  return intensity.finish();
}

// What the definitions say, from all values at once.
double naive_percentile(const std::vector<float>& sorted, double percent) {
  const double place = percent / 100 * (std::ssize(sorted) - 1);
  const double below = std::floor(place);
  const double a = sorted[below], b = sorted[std::min<std::size_t>(below + 1, sorted.size() - 1)];
  return a + (b - a) * (place - below);
}

void expect_near_naive(std::vector<float> values, const IntensitySummary& summary, double part) {
  std::sort(values.begin(), values.end());
  double sum = 0, squares = 0;
  for (float value : values) sum += value;
  const double mean = sum / values.size();
  for (float value : values) squares += (value - mean) * (value - mean);
  const double reach = std::max(std::abs(values.front()), std::abs(values.back())) + 1e-30;
  RC_ASSERT(summary.voxels == std::ssize(values));
  RC_ASSERT(std::abs(summary.mean - mean) <= 1e-9 * reach);
  RC_ASSERT(std::abs(summary.sd - std::sqrt(squares / values.size())) <= 1e-6 * reach);
  RC_ASSERT(summary.min == values.front());
  RC_ASSERT(summary.max == values.back());
  const std::vector<std::pair<double, double>> percentiles{{5, summary.p5},
                                                           {25, summary.p25},
                                                           {50, summary.median},
                                                           {75, summary.p75},
                                                           {95, summary.p95}};
  for (const auto& [percent, found] : percentiles)
    RC_ASSERT(std::abs(found - naive_percentile(values, percent)) <= part * reach);
}

RC_GTEST_PROP(Intensity, equals_a_loop_over_voxels_however_the_values_are_cut, ()) {
  const Dense where = random_dense(random_size(), 1);
  const Dense noise = random_dense(where.size, 200);
  const float step = *rc::gen::element(1.0F, 0.25F, 1000.5F);
  std::vector<float> values, under;
  std::int64_t not_finite = 0;
  for (std::size_t i = 0; i < noise.voxels.size(); ++i) {
    const int v = noise.voxels[i];
    values.push_back(v == 1   ? std::nanf("")
                     : v == 2 ? -std::numeric_limits<float>::infinity()
                              : step * (v - 100));
    if (where.voxels[i] == 0) continue;
    if (std::isfinite(values.back()))
      under.push_back(values.back());
    else
      ++not_finite;
  }
  const BinaryMask mask = to_binary(where);
  Intensity intensity(mask);
  feed_in_pieces(values, intensity);
  const IntensitySummary summary = intensity.finish();
  RC_ASSERT(summary.not_finite == not_finite);
  if (under.empty())
    RC_ASSERT(summary.voxels == 0);
  else
    expect_near_naive(under, summary, 1e-12);
}

TEST(Intensity, whole_and_other_values_are_ordered_together) {
  const IntensitySummary summary = summary_of({40000, -1, 0.5F, -40000, 0});
  EXPECT_EQ(summary.min, -40000);
  EXPECT_EQ(summary.p25, -1);
  EXPECT_EQ(summary.median, 0);
  EXPECT_EQ(summary.p75, 0.5);
  EXPECT_EQ(summary.max, 40000);
}

TEST(Intensity, one_voxel_has_no_spread) {
  const IntensitySummary summary = summary_of({41});
  EXPECT_EQ(summary.mean, 41);
  EXPECT_EQ(summary.sd, 0);
  EXPECT_EQ(summary.p5, 41);
  EXPECT_EQ(summary.p95, 41);
}

TEST(Intensity, many_voxels_of_few_values_stay_exact) {
  std::vector<float> values(300'001);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = float(i % 1000) / 8;
  expect_near_naive(values, summary_of(values), 0);
}

TEST(Intensity, a_million_of_different_values_are_rounded_by_a_twentieth_of_a_percent) {
  std::vector<float> values(1'200'000);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = 1 + float(i * 7919 % values.size()) / values.size();
  const IntensitySummary summary = summary_of(values);
  expect_near_naive(values, summary, 0.0005);
  std::sort(values.begin(), values.end());
  EXPECT_NE(summary.p25, naive_percentile(values, 25)) << "the rounding is what this test is about";
}

TEST(Intensity, a_distribution_far_from_zero_keeps_its_spread) {
  EXPECT_NEAR(summary_of({16'000'000, 16'000'001, 16'000'002}).sd, std::sqrt(2.0 / 3), 1e-9);
}

}  // namespace
}  // namespace nicohort
