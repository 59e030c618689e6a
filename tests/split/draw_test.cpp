#include "split/draw.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace nicohort {
namespace {

using ::testing::ElementsAre;

std::vector<std::size_t> shuffled(std::uint32_t seed, std::size_t count) {
  std::vector<std::size_t> items(count);
  std::iota(items.begin(), items.end(), 0);
  LegacyShuffle(seed).shuffle(items);
  return items;
}

// Figures from numpy 1.24: a = numpy.arange(count); numpy.random.RandomState(seed).shuffle(a)
TEST(Spec4Routine05Shuffle, is_numpys) {
  EXPECT_THAT(shuffled(0, 10), ElementsAre(2, 8, 4, 9, 1, 6, 7, 3, 0, 5));
  EXPECT_THAT(shuffled(42, 7), ElementsAre(0, 1, 5, 2, 4, 3, 6));
  EXPECT_THAT(shuffled(4294967295, 12), ElementsAre(11, 8, 5, 9, 1, 10, 6, 0, 4, 7, 2, 3));
  const auto thousand = shuffled(0, 1000);
  EXPECT_THAT(std::vector(thousand.begin(), thousand.begin() + 6),
              ElementsAre(993, 859, 298, 553, 672, 971));
  EXPECT_THAT(std::vector(thousand.end() - 5, thousand.end()),
              ElementsAre(835, 192, 629, 559, 684));
}

// The same figures: one generator goes on from the first list, 0 to 5 and 9 to 11, to the second.
TEST(Spec4Routine05Shuffle, one_generator_goes_on) {
  std::vector<std::size_t> first{0, 2, 5, 6, 9, 10, 11}, second{1, 3, 4, 7, 8};
  LegacyShuffle shuffle(7);
  shuffle.shuffle(first);
  shuffle.shuffle(second);
  EXPECT_THAT(first, ElementsAre(5, 10, 0, 11, 6, 2, 9));
  EXPECT_THAT(second, ElementsAre(7, 8, 4, 3, 1));
}

TEST(Spec4Routine05Shuffle, nobody_and_one) {
  EXPECT_TRUE(shuffled(0, 0).empty());
  EXPECT_THAT(shuffled(0, 1), ElementsAre(0));
}

std::vector<std::size_t> alike(std::size_t groups) {
  return std::vector<std::size_t>(groups, 0);
}

std::map<std::string, std::size_t> counts(const std::vector<std::string>& sides) {
  std::map<std::string, std::size_t> counts{{"test", 0}, {"train", 0}, {"val", 0}};
  for (const std::string& side : sides) ++counts[side];
  return counts;
}
std::map<std::string, std::size_t> counts(std::size_t test, std::size_t val, std::size_t train) {
  return {{"test", test}, {"val", val}, {"train", train}};
}

// Of 2 8 4 9 | 1 | 6 7 3 0 5 (RandomState(0), above) the first four are test, then one of six is
// val.
TEST(Spec4Routine05Split, first_test_then_val_then_train) {
  EXPECT_THAT(split_groups(alike(10), {0.4, 0.2}, 0),
              ElementsAre("train", "val", "test", "train", "test", "train", "train", "train",
                          "test", "test"));
}

TEST(Spec4Routine05Split, shares_are_rounded_down_but_not_by_binary_fractions) {
  EXPECT_EQ(counts(split_groups(alike(10), {0.3, 0.5}, 0)), counts(3, 3, 4));
  EXPECT_EQ(counts(split_groups(alike(100), {0.29, 0}, 0)), counts(29, 0, 71));  // 0.29·100 < 29
  EXPECT_EQ(counts(split_groups(alike(9), {0.5, 0.5}, 0)), counts(4, 2, 3));
}

TEST(Spec4Routine05Split, everybody_and_nobody) {
  EXPECT_EQ(counts(split_groups(alike(5), {1, 0}, 0)), counts(5, 0, 0));
  EXPECT_EQ(counts(split_groups(alike(5), {1, 1}, 0)), counts(5, 0, 0));
  EXPECT_EQ(counts(split_groups(alike(5), {0, 1}, 0)), counts(0, 5, 0));
  EXPECT_EQ(counts(split_groups(alike(5), {0, 0}, 0)), counts(0, 0, 5));
  EXPECT_TRUE(split_groups({}, {0.4, 0.2}, 0).empty());
}

TEST(Spec4Routine05Split, strata_are_cut_one_by_one_with_one_generator) {
  // Shuffled as above: 5 10 0 11 6 2 9 and 7 8 4 3 1. test: 0.5·7 and 0.5·5 make 3 and 2, of the
  // overall 6; the remainders tie, and the generator, which goes on, puts the second stratum first.
  // val: 0.5·4 and 0.5·2.
  const auto sides = split_groups({0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0}, {0.5, 0.5}, 7);
  EXPECT_THAT(sides, ElementsAre("test", "train", "train", "val", "test", "test", "val", "test",
                                 "test", "train", "test", "val"));
}

TEST(Spec4Routine05Split, the_largest_remainder_gets_the_next_seat) {
  // 0.4 of 10, 4, 6 is 4, 1.6, 2.4; that makes 7 of the overall 8, and .6 is the largest remainder.
  std::vector<std::size_t> strata;
  for (const auto& [stratum, size] : {std::pair(0, 10), std::pair(1, 4), std::pair(2, 6)})
    strata.insert(strata.end(), size, stratum);
  const auto sides = split_groups(strata, {0.4, 0}, 0);
  std::map<std::size_t, int> test;
  for (std::size_t i = 0; i < sides.size(); ++i) test[strata[i]] += sides[i] == "test";
  EXPECT_THAT(test, ElementsAre(std::pair(0, 4), std::pair(1, 2), std::pair(2, 2)));
}

// 0.5 of 3, 3, 2 is 1.5, 1.5, 1; one more makes the overall 4. numpy shuffles [0, 1] to [0, 1]
// behind these strata for the seed 0, and to [1, 0] for the seed 3.
TEST(Spec4Routine05Split, the_generator_decides_a_tie) {
  for (const auto& [seed, first, second] : {std::tuple(0, 2, 1), std::tuple(3, 1, 2)}) {
    const auto sides = split_groups({1, 1, 1, 0, 0, 0, 2, 2}, {0.5, 0}, seed);
    EXPECT_EQ(std::count(sides.begin() + 3, sides.begin() + 6, "test"), first) << seed;
    EXPECT_EQ(std::count(sides.begin(), sides.begin() + 3, "test"), second) << seed;
    EXPECT_EQ(std::count(sides.begin() + 6, sides.end(), "test"), 1) << seed;
  }
}

// numpy: 6 2 1 3 0 5 4.
TEST(Spec4Routine05Split, folds_are_dealt_one_by_one) {
  EXPECT_THAT(split_groups(alike(7), {0, 0, 3}, 0), ElementsAre("1", "2", "1", "0", "0", "2", "0"));
  // The first two are test.
  EXPECT_THAT(split_groups(alike(7), {0.3, 0, 3}, 0),
              ElementsAre("2", "0", "test", "1", "1", "0", "test"));
}

// numpy: 6 2 0 4 and 3 5 1. The second stratum goes on with fold 1.
TEST(Spec4Routine05Split, folds_of_strata_go_on_where_the_one_before_stopped) {
  EXPECT_THAT(split_groups({0, 1, 0, 1, 0, 1, 0}, {0, 0, 3}, 3),
              ElementsAre("2", "0", "1", "1", "0", "2", "0"));
}

TEST(Spec4Routine05Split, who_is_there_already_keeps_the_side) {
  const auto before = split_groups(alike(10), {0.4, 0.2}, 0);
  EXPECT_EQ(split_groups(alike(10), {0.4, 0.2}, 9, before), before);
  auto kept = before;
  kept.resize(20);  // ten are new
  const auto sides = split_groups(alike(20), {0.4, 0.2}, 9, kept);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), sides.begin()));
  EXPECT_EQ(counts(sides), counts(8, 2, 10));
  EXPECT_NE(split_groups(alike(20), {0.4, 0.2}, 10, kept), sides) << "who is new is drawn";
}

TEST(Spec4Routine05Split, who_is_new_makes_up_for_a_share_that_was_another) {
  std::vector<std::string> kept(10, "test");
  kept.resize(20);
  EXPECT_EQ(counts(split_groups(alike(20), {0.4, 0.2}, 0, kept)), counts(10, 2, 8));
  EXPECT_EQ(counts(split_groups(alike(20), {0.75, 0.2}, 0, kept)), counts(15, 1, 4));
  // Two strata of ten: the first has all its test already.
  std::vector<std::size_t> strata(10, 0);
  strata.resize(20, 1);
  kept.assign(4, "test");
  kept.resize(20);
  const auto sides = split_groups(strata, {0.4, 0}, 0, kept);
  EXPECT_EQ(std::count(sides.begin() + 4, sides.begin() + 10, "test"), 0);
  EXPECT_EQ(std::count(sides.begin() + 10, sides.end(), "test"), 4);
}

TEST(Spec4Routine05Split, who_is_new_fills_the_small_folds) {
  const auto sides = split_groups(alike(6), {0, 0, 3}, 0, {"2", "2", "0", "", "", ""});
  std::map<std::string, int> sizes;
  for (const std::string& side : sides) ++sizes[side];
  EXPECT_THAT(sizes, ElementsAre(std::pair("0", 2), std::pair("1", 2), std::pair("2", 2)));
}

TEST(Spec4Routine05Split, small_strata_are_pooled) {
  std::vector<std::size_t> strata{0, 1, 1, 2, 3, 3, 3};
  EXPECT_THAT(pool_small(strata, 3), ElementsAre(0, 1, 2));
  EXPECT_THAT(strata, ElementsAre(4, 4, 4, 4, 3, 3, 3));
  strata = {0, 1, 1, 1};
  EXPECT_THAT(pool_small(strata, 3), ElementsAre()) << "one alone is left as it is";
  EXPECT_THAT(strata, ElementsAre(0, 1, 1, 1));
}

RC_GTEST_PROP(Spec4Routine05Split, a_second_draw_that_keeps_sides_moves_nobody, ()) {
  const auto strata = *rc::gen::container<std::vector<std::size_t>>(
      *rc::gen::inRange(0, 40), rc::gen::inRange<std::size_t>(0, 4));
  const SplitShares shares{*rc::gen::inRange(0, 101) / 100.0, *rc::gen::inRange(0, 101) / 100.0,
                           *rc::gen::element(0, 0, 3, 5)};
  const auto before = split_groups(strata, shares, *rc::gen::arbitrary<std::uint32_t>());
  RC_ASSERT(split_groups(strata, shares, 1, before) == before);
}

RC_GTEST_PROP(Spec4Routine05Split, folds_differ_by_one_at_most, ()) {
  const auto strata = *rc::gen::container<std::vector<std::size_t>>(
      *rc::gen::inRange(1, 60), rc::gen::inRange<std::size_t>(0, 4));
  const int folds = *rc::gen::inRange(2, 7);
  const auto sides = split_groups(strata, {0, 0, folds}, *rc::gen::arbitrary<std::uint32_t>());
  for (std::size_t stratum = 0; stratum <= 4; ++stratum) {  // 4: all of them
    std::map<std::string, int> sizes;
    for (int fold = 0; fold < folds; ++fold) sizes[std::to_string(fold)] = 0;
    for (std::size_t i = 0; i < sides.size(); ++i)
      sizes[sides[i]] += stratum == 4 || strata[i] == stratum;
    const auto [least, most] =
        std::minmax_element(sizes.begin(), sizes.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; });
    RC_ASSERT(most->second - least->second <= 1);
  }
}

RC_GTEST_PROP(Spec4Routine05Split, strata_do_not_change_the_overall_counts, ()) {
  const std::size_t groups = *rc::gen::inRange(0, 60);
  const auto strata =
      *rc::gen::container<std::vector<std::size_t>>(groups, rc::gen::inRange<std::size_t>(0, 5));
  const SplitShares ratios{*rc::gen::inRange(0, 101) / 100.0, *rc::gen::inRange(0, 101) / 100.0};
  const auto seed = *rc::gen::arbitrary<std::uint32_t>();
  const auto sides = split_groups(strata, ratios, seed);
  RC_ASSERT(sides.size() == groups);
  RC_ASSERT(counts(sides) == counts(split_groups(alike(groups), ratios, seed)));
}

RC_GTEST_PROP(Spec4Routine05Split, every_stratum_gets_its_share_to_within_one, ()) {
  const auto strata = *rc::gen::container<std::vector<std::size_t>>(
      *rc::gen::inRange(1, 60), rc::gen::inRange<std::size_t>(0, 4));
  const double ratio = *rc::gen::inRange(0, 101) / 100.0;
  const auto sides = split_groups(strata, {ratio, 0}, 0);
  for (std::size_t stratum : std::set(strata.begin(), strata.end())) {
    const double size = double(std::count(strata.begin(), strata.end(), stratum));
    double test = 0;
    for (std::size_t i = 0; i < sides.size(); ++i)
      test += strata[i] == stratum && sides[i] == "test";
    RC_ASSERT(std::abs(test - size * ratio) < 1);
  }
}

}  // namespace
}  // namespace nicohort
