#include "deflate/value_matcher.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "expand.hpp"
#include "voxels.hpp"

namespace nicohort {
namespace {

using namespace testing;

std::vector<Token> tokens_of(ValueMatcher& matcher, const std::vector<float>& values) {
  Tokens tokens;
  if (!matcher.add_tokens(std::as_bytes(std::span(values)), tokens)) return {0xffffffff};
  return {tokens.all().begin(), tokens.all().end()};
}

const std::vector<Token> not_whole{0xffffffff};

std::vector<Token> literals(float value) {
  std::vector<Token> tokens;
  for (const char byte : text_of({value})) tokens.push_back(literal_token(std::uint8_t(byte)));
  return tokens;
}

RC_GTEST_PROP(DeflateValues, any_whole_numbers_come_back, ()) {
  ValueMatcher matcher;
  std::string text, expected;
  for (int piece = *rc::gen::inRange(1, 4); piece > 0; --piece) {
    const auto values =
        voxels(*rc::gen::elementOf(all_manners),
               *rc::gen::element<std::size_t>(0, 1, 2, 7, 8, 9, 63, 64, 65, 8191, 8192, 20000),
               *rc::gen::arbitrary<std::uint32_t>());
    text = expand(tokens_of(matcher, values), text);
    expected += text_of(values);
  }
  RC_ASSERT(text == expected);
}

TEST(DeflateValues, one_that_was_seen_is_a_match_of_four_bytes) {
  ValueMatcher matcher;
  std::vector<Token> expected = literals(-1000);
  for (const Token token : literals(7)) expected.push_back(token);
  expected.push_back(distance_token(8, first_voxel_match));
  EXPECT_EQ(tokens_of(matcher, {-1000, 7, -1000}), expected);
  // The table goes on with the next piece.
  EXPECT_EQ(tokens_of(matcher, {7}), std::vector<Token>{distance_token(8, first_voxel_match)});
}

TEST(DeflateValues, a_match_goes_on_while_voxels_agree) {
  ValueMatcher matcher;
  std::vector<float> values;
  for (int i = 0; i < 100; ++i) values.push_back(float(i));
  tokens_of(matcher, values);
  for (const std::size_t length : {2, 3, 4, 5, 6, 8, 9, 64}) {
    std::vector<float> again(values.begin(), values.begin() + length);
    ValueMatcher fresh;
    tokens_of(fresh, values);
    again.push_back(-1);
    const auto tokens = tokens_of(fresh, again);
    EXPECT_EQ(tokens[0], length_token(4 * length)) << length;
    EXPECT_EQ(tokens[1], distance_token(400)) << length;
    EXPECT_EQ(tokens.size(), 2 + 4u) << length;
  }
  // No further than its 258 bytes, nor the piece.
  const auto tokens = tokens_of(matcher, values);
  EXPECT_EQ(tokens[0], length_token(256));
  EXPECT_EQ(tokens[2], length_token(144));
  EXPECT_EQ(tokens.size(), 4u);
}

TEST(DeflateValues, a_run_is_a_match_of_the_voxel_before) {
  ValueMatcher matcher;
  std::vector<Token> expected = literals(5);
  for (const std::size_t length : {256, 256, 140}) {
    expected.push_back(length_token(length));
    expected.push_back(distance_token(4));
  }
  EXPECT_EQ(tokens_of(matcher, std::vector<float>(1 + 64 + 64 + 35, 5)), expected);
}

TEST(DeflateValues, matches_reach_as_far_as_deflate_does) {
  for (const std::size_t between : {8191, 8192}) {
    ValueMatcher matcher;
    std::vector<float> values(between + 1, 1);
    values.front() = 2;
    tokens_of(matcher, values);
    const auto expected = between == 8191
                              ? std::vector<Token>{distance_token(32768, first_voxel_match)}
                              : literals(2);
    EXPECT_EQ(tokens_of(matcher, {2}), expected) << between;
  }
}

TEST(DeflateValues, limits_of_int16) {
  ValueMatcher matcher;
  const std::vector<float> values{-32768, 32767, -1, 0, 1, 32767, -32768};
  EXPECT_EQ(expand(tokens_of(matcher, values)), text_of(values));
  for (const float odd : odd_values)
    for (const std::size_t at : {0, 3, 6})  // in a whole eight, and in what is left
      for (const std::size_t beyond : {0, 8}) {
        std::vector<float> with = values;
        with[at] = odd;
        with.resize(with.size() + beyond);
        EXPECT_EQ(tokens_of(matcher, with), not_whole) << odd << " at " << at;
      }
}

TEST(DeflateValues, nothing_is_matched_beyond_what_is_forgotten) {
  ValueMatcher matcher;
  tokens_of(matcher, {3});
  matcher.forget();
  EXPECT_EQ(tokens_of(matcher, {3}), literals(3));
  EXPECT_EQ(tokens_of(matcher, {3}).size(), 1u);
}

// Positions have 32 bits: 2^32 voxels on, an old one would look like a new one.
TEST(DeflateValues, positions_that_come_round_again_are_not_near) {
  ValueMatcher matcher;
  tokens_of(matcher, {3});
  constexpr std::uint64_t round = std::uint64_t{1} << 32;
  for (std::uint64_t voxels = 0; voxels < round; voxels += ValueMatcher::reach) matcher.forget();
  EXPECT_EQ(tokens_of(matcher, {3}), literals(3));
}

}  // namespace
}  // namespace nicohort
