#include "dataset/training_fingerprint.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <utility>

namespace nicohort {
namespace {

std::optional<DatasetForeground> foreground_of(const std::vector<std::vector<float>>& samples) {
  std::vector<KeptForeground> kept;
  for (const auto& values : samples) kept.emplace_back(summary_of(values));
  std::vector<const KeptForeground*> pointers;
  for (const KeptForeground& sample : kept) pointers.push_back(&sample);
  return dataset_foreground(pointers);
}

void expect_kept(const ForegroundSummary& summary) {
  const KeptForeground kept(summary);
  ASSERT_EQ(kept.quantiles(), summary.quantiles.size());
  EXPECT_EQ(kept.is_empty(), summary.voxels == 0);
  EXPECT_EQ(kept.mean(), summary.mean);
  EXPECT_EQ(kept.sd(), summary.sd);
  for (std::size_t i = 0; i < summary.quantiles.size(); ++i)
    EXPECT_EQ(std::bit_cast<std::uint64_t>(kept.quantile(i)),
              std::bit_cast<std::uint64_t>(summary.quantiles[i]))
        << i;
}

// All values between which the shares of samples grow evenly, and the share at each, one by one.
struct Curve {
  std::vector<double> values, shares;
};
double share_up_to(const ForegroundSummary& summary, double value) {
  const auto& quantiles = summary.quantiles;
  const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), value);
  if (above == quantiles.begin()) return 0;
  if (above == quantiles.end()) return 1;
  const auto i = above - quantiles.begin();
  const double part = (value - quantiles[i - 1]) / (quantiles[i] - quantiles[i - 1]);
  const auto& ranks = quantile_ranks();
  return (ranks[i - 1] + (ranks[i] - ranks[i - 1]) * part) / 100;
}
Curve curve_of(const std::vector<std::vector<float>>& samples) {
  Curve curve;
  std::vector<ForegroundSummary> summaries;
  for (const auto& values : samples) {
    summaries.push_back(summary_of(values));
    const auto& quantiles = summaries.back().quantiles;
    curve.values.insert(curve.values.end(), quantiles.begin(), quantiles.end());
  }
  std::sort(curve.values.begin(), curve.values.end());
  for (const double value : curve.values) {
    double sum = 0;
    for (const ForegroundSummary& summary : summaries) sum += share_up_to(summary, value);
    curve.shares.push_back(sum / static_cast<double>(summaries.size()));
  }
  return curve;
}

std::vector<float> range(int first, int end, int times = 1) {
  std::vector<float> values;
  for (int value = first; value < end; ++value)
    for (int i = 0; i < times; ++i) values.push_back(static_cast<float>(value));
  return values;
}

TEST(DatasetForeground, of_one_sample_is_its_own) {
  const auto foreground = foreground_of({range(0, 1001)});
  EXPECT_NEAR(foreground->percentile_00_5, 5, 1e-9);
  EXPECT_NEAR(foreground->median, 500, 1e-9);
  EXPECT_NEAR(foreground->percentile_99_5, 995, 1e-9);
  EXPECT_EQ(foreground->min, 0);
  EXPECT_EQ(foreground->max, 1000);
  EXPECT_NEAR(foreground->mean, 500, 1e-9);
  EXPECT_NEAR(foreground->sd, std::sqrt((1001.0 * 1001 - 1) / 12), 1e-9);
}

TEST(DatasetForeground, all_samples_weigh_alike_whatever_their_size) {
  const auto foreground = foreground_of({range(0, 100, 100), {1000}, {1000}});
  EXPECT_EQ(foreground->median, 1000);
  EXPECT_NEAR(foreground->mean, (49.5 + 2000) / 3, 1e-9);
  EXPECT_NEAR(foreground->percentile_00_5, 1, 1) << "1.5 % of the first";
}

TEST(DatasetForeground, samples_without_a_voxel_do_not_count) {
  EXPECT_EQ(foreground_of({{}, {1, 2, 3}, {}})->mean, 2);
  EXPECT_FALSE(foreground_of({{}, {}}));
  EXPECT_FALSE(foreground_of({}));
}

TEST(DatasetForeground, of_one_value_is_that_value) {
  const auto foreground = foreground_of({{7, 7, 7}, {7}});
  EXPECT_EQ(foreground->percentile_00_5, 7);
  EXPECT_EQ(foreground->median, 7);
  EXPECT_EQ(foreground->percentile_99_5, 7);
  EXPECT_EQ(foreground->sd, 0);
}

// As of all values together, where the samples have equally many.
RC_GTEST_PROP(DatasetForeground, is_near_that_of_all_values, ()) {
  std::vector<std::vector<float>> samples(*rc::gen::inRange(1, 6));
  std::vector<float> together;
  const auto size = *rc::gen::element<std::size_t>(500, 2000);
  for (auto& values : samples) {
    const int low = *rc::gen::inRange(-300, 300), width = *rc::gen::inRange(1, 500);
    for (std::size_t i = 0; i < size; ++i)
      values.push_back(static_cast<float>(low + int(i * 7919 % size * width / size)));
    together.insert(together.end(), values.begin(), values.end());
  }
  std::sort(together.begin(), together.end());
  const auto at = [&](double share) {
    return together[std::size_t(share * double(together.size() - 1))];
  };
  const auto foreground = foreground_of(samples);
  // Whole numbers are steps of 1, which the quantiles between them do not know. Where the samples
  // are apart, the median may be anywhere between them.
  const auto is_near = [&](double found, double share) {
    return found >= at(share - 0.002) - 1.01 && found <= at(share + 0.002) + 1.01;
  };
  RC_ASSERT(is_near(foreground->percentile_00_5, 0.005));
  RC_ASSERT(is_near(foreground->median, 0.5));
  RC_ASSERT(is_near(foreground->percentile_99_5, 0.995));
  RC_ASSERT(foreground->min == together.front());
  RC_ASSERT(foreground->max == together.back());
}

// Nothing is lost between two quantiles of the samples: the value that is found lies between the
// last one up to which there is less than the share, and the first up to which there is as much.
RC_GTEST_PROP(DatasetForeground, is_between_the_quantiles_that_are_nearest_to_the_share, ()) {
  std::vector<std::vector<float>> samples(*rc::gen::inRange(1, 5));
  for (auto& values : samples)
    values = *rc::gen::nonEmpty(rc::gen::container<std::vector<float>>(
        rc::gen::map(rc::gen::inRange(-3000, 3000), [](int n) { return float(n) / 7; })));
  const Curve curve = curve_of(samples);
  const auto foreground = foreground_of(samples);
  for (const auto& [found, share] :
       {std::pair(foreground->percentile_00_5, 0.005), std::pair(foreground->median, 0.5),
        std::pair(foreground->percentile_99_5, 0.995)}) {
    const auto reached = std::find_if(curve.shares.begin(), curve.shares.end(),
                                      [share = share](double at) { return at >= share; }) -
                         curve.shares.begin();
    RC_ASSERT(found <= curve.values[reached]);
    RC_ASSERT(found >= curve.values[std::max<std::ptrdiff_t>(reached - 1, 0)]);
  }
}

TEST(KeptForeground, has_just_the_quantiles_of_the_summary) {
  expect_kept(summary_of({}));
  expect_kept(summary_of({41.5}));
  expect_kept(summary_of({1.0F / 3}));
  expect_kept(summary_of({-0.0F, 0, 1}));
  expect_kept(summary_of({-1e30F, 1e-30F, 1e30F}));
  expect_kept(summary_of({1e9F, 1e9F + 64, 1e9F + 512}));
  expect_kept(summary_of(range(-1000, 3000)));
}

RC_GTEST_PROP(KeptForeground, has_just_the_quantiles_of_any_summary,
              (const std::vector<float>& some)) {
  std::vector<float> values;
  for (const float value : some)
    if (std::isfinite(value)) values.push_back(value);
  expect_kept(summary_of(values));
  for (float& value : values) value = std::round(value * 100) / 128;
  expect_kept(summary_of(values));
}

TEST(TrainingCase, is_told_of_samples_with_a_mask_whose_values_are_on_record) {
  SampleRecord record;
  EXPECT_FALSE(training_case(record));
  record.volume = VolumeSummary{{}, {{"T1", ""}, {"T2", ""}}};
  record.volume->geometry.size = {10, 10, 10};
  record.volume->nonzero = VoxelBox{{1, 0, 2}, {6, 10, 10}};
  EXPECT_FALSE(training_case(record)) << "has no mask";
  record.mask.emplace();
  EXPECT_FALSE(training_case(record)) << "was made by an earlier version";
  record.mask->foreground = {summary_of({1}), summary_of({2})};
  const auto one = training_case(record);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->cropped_size(0), 5);
  EXPECT_EQ(one->cropped_size(2), 8);
  EXPECT_DOUBLE_EQ(one->relative_size(), 0.4);
  record.volume->nonzero.reset();
  EXPECT_FALSE(training_case(record)) << "was made by an earlier version, and cleaned by this one";
}

}  // namespace
}  // namespace nicohort
