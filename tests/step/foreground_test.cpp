#include "step/foreground.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "step/percentile.hpp"
#include "step/pieces.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Feeds all channels of a volume.
struct Feed {
  ForegroundSamples& samples;
  std::size_t channel = 0;
  void feed(std::span<const float> values) { samples.feed(channel, values); }
};

std::vector<float> random_values(const Size3& size) {
  std::vector<float> values;
  for (int noise : random_dense(size, 200).voxels)
    values.push_back(noise == 1   ? std::nanf("")
                     : noise == 2 ? std::numeric_limits<float>::infinity()
                                  : 0.25F * static_cast<float>(noise - 100));
  return values;
}

std::vector<float> finite_under(const Dense& mask, const std::vector<float>& values,
                                PickedVoxels picked) {
  std::vector<float> under;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (mask.voxels[i] != 0 && picked.has(std::int64_t(i)) && std::isfinite(values[i]))
      under.push_back(values[i]);
  return under;
}

RC_GTEST_PROP(ForegroundSample, equals_a_loop_over_voxels_whatever_the_steps_removed, ()) {
  const Dense drawn = random_dense(random_size(), 1), kept = random_dense(drawn.size, 1);
  const std::vector<float> values = random_values(drawn.size);
  const PickedVoxels picked(*rc::gen::element<std::int64_t>(5, 250'000, 1'000'000));
  const BinaryMask where = to_binary(drawn);
  ForegroundSample sample(where, picked);
  feed_in_pieces(values, sample);
  const Dense left = testing::where(drawn.size, [&](auto x, auto y, auto z) {
    return drawn.at(x, y, z) != 0 && kept.at(x, y, z) != 0;
  });
  RC_ASSERT(sample.under(to_binary(left)) == summary_of(finite_under(left, values, picked)));
}

RC_GTEST_PROP(ForegroundSamples, looks_again_only_where_steps_added_other_voxels, ()) {
  const Dense drawn = random_dense(random_size(), 1), now = random_dense(drawn.size, 1);
  const std::vector<std::vector<float>> channels{random_values(drawn.size),
                                                 random_values(drawn.size)};
  const bool may_grow = *rc::gen::arbitrary<bool>();
  ForegroundSamples samples(to_binary(drawn), may_grow, 2);
  for (std::size_t channel : {0, 1}) {
    Feed feed{samples, channel};
    feed_in_pieces(channels[channel], feed);
  }
  int looks = 0;
  const auto summaries =
      samples.under(to_binary(now), [&](std::size_t channel, const TakeValues& take) {
        ++looks;
        take(channels[channel]);
      });
  RC_ASSERT(summaries.size() == 2U);
  bool has_others = false;
  for (std::size_t i = 0; i < now.voxels.size(); ++i) has_others |= now.voxels[i] > drawn.voxels[i];
  RC_ASSERT(has_others || looks == 0);
  RC_ASSERT(may_grow || !has_others || looks == 2);
  for (std::size_t channel : {0, 1})
    RC_ASSERT(summaries[channel] ==
              summary_of(finite_under(now, channels[channel], PickedVoxels(1))));
}

TEST(ForegroundSamples, small_holes_that_are_filled_cost_no_second_look) {
  Dense drawn({40, 2, 1});
  for (int x : {1, 2, 19, 39}) drawn.at(x, 0, 0) = 1;
  const std::vector<float> values(80, 7);
  ForegroundSamples samples(to_binary(drawn), true, 1);
  samples.feed(0, values);
  int looks = 0;
  const auto voxels_with = [&](std::int64_t x, std::int64_t y) {
    Dense mask = drawn;
    mask.at(x, y, 0) = 1;
    return samples
        .under(to_binary(mask),
               [&](std::size_t, const TakeValues& take) {
                 ++looks;
                 take(values);
               })[0]
        .voxels;
  };
  EXPECT_EQ(voxels_with(10, 0), 5);
  EXPECT_EQ(looks, 0) << "a gap of 16 voxels";
  EXPECT_EQ(voxels_with(25, 0), 5);
  EXPECT_EQ(looks, 1) << "one of 19";
  EXPECT_EQ(voxels_with(0, 0), 5);
  EXPECT_EQ(voxels_with(10, 1), 5);
  EXPECT_EQ(looks, 3) << "none";
}

// In each part of a large mask, also of one that is thin along an axis, about as many.
TEST(PickedVoxels, are_evenly_all_over_a_large_mask) {
  const std::int64_t voxels = 10'000'000, part = 100'000;
  const PickedVoxels picked(voxels);
  for (std::int64_t stride : {1, 512, 610, 512 * 512}) {
    for (std::int64_t first = 0; first < voxels; first += part) {
      std::int64_t count = 0;
      for (std::int64_t i = first; i < first + part; ++i) count += picked.has(i * stride);
      ASSERT_NEAR(count, 1000, 60) << stride << ", from " << first;
    }
  }
}

TEST(PickedVoxels, are_all_of_a_small_mask) {
  const PickedVoxels picked(PickedVoxels::most);
  for (std::int64_t i = 0; i < 100'000; ++i) ASSERT_TRUE(picked.has(i * 7919));
}

RC_GTEST_PROP(SummaryOf, equals_the_definitions, ()) {
  std::vector<float> values;
  const float scale = *rc::gen::element(1.0F, 0.125F, 3e4F, 1e-6F);
  for (int value :
       *rc::gen::nonEmpty(rc::gen::container<std::vector<int>>(rc::gen::inRange(-500, 500))))
    values.push_back(scale * static_cast<float>(value));
  const ForegroundSummary summary = summary_of(values);
  std::sort(values.begin(), values.end());
  RC_ASSERT(summary.voxels == std::ssize(values));
  RC_ASSERT(summary.quantiles.size() == quantile_ranks().size());
  RC_ASSERT(summary.quantiles.front() == values.front());
  RC_ASSERT(summary.quantiles.back() == values.back());
  RC_ASSERT(std::is_sorted(summary.quantiles.begin(), summary.quantiles.end()));
  const double range = values.back() - values.front(), reach = 500 * scale;
  double sum = 0, squares = 0;
  for (float value : values) sum += value;
  const double mean = sum / double(values.size());
  for (float value : values) squares += (value - mean) * (value - mean);
  RC_ASSERT(std::abs(summary.mean - mean) <= 1e-12 * reach);
  RC_ASSERT(std::abs(summary.sd - std::sqrt(squares / double(values.size()))) <= 1e-9 * reach);
  for (std::size_t i = 0; i < summary.quantiles.size(); ++i) {
    const double exact = percentile(quantile_ranks()[i], std::ssize(values),
                                    [&](auto place) -> double { return values[place]; });
    RC_ASSERT(std::abs(summary.quantiles[i] - exact) <= 1e-5 * range);
  }
}

TEST(SummaryOf, whole_numbers_stay_and_others_get_few_digits) {
  const ForegroundSummary whole = summary_of({-1000, 3, 3, 3, 2000});
  EXPECT_EQ(whole.quantiles[quantile_ranks().size() / 2], 3);
  std::vector<float> thirds;
  for (int i = 0; i <= 1000; ++i) thirds.push_back(static_cast<float>(i) / 3);
  const ForegroundSummary others = summary_of(thirds);
  EXPECT_EQ(others.quantiles[quantile_ranks().size() / 2], 166.667);
  EXPECT_EQ(others.quantiles.back(), 1000.0F / 3);
}

TEST(SummaryOf, nothing_has_no_quantiles_and_one_value_has_one) {
  EXPECT_THAT(summary_of({}).quantiles, IsEmpty());
  EXPECT_THAT(summary_of({41.5}).quantiles, Each(41.5));
  EXPECT_EQ(summary_of({41.5}).sd, 0);
}

TEST(QuantileRanks, are_as_close_in_both_tails) {
  const auto& ranks = quantile_ranks();
  ASSERT_EQ(ranks.size(), 113U);
  EXPECT_THAT(std::vector(ranks.begin(), ranks.begin() + 9),
              ElementsAre(0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2));
  for (std::size_t i = 0; i < ranks.size(); ++i)
    EXPECT_NEAR(ranks[i], 100 - ranks[ranks.size() - 1 - i], 1e-9);
}

}  // namespace
}  // namespace nicohort
