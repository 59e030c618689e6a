#include "deflate/tokens.hpp"

#include <gtest/gtest.h>

#include "expand.hpp"

namespace nicohort {
namespace {

using namespace testing;

TEST(DeflateTokens, lengths_and_distances_are_those_of_the_rfc) {
  for (std::size_t length = 3; length <= 258; ++length) {
    const Token pair[] = {length_token(length), distance_token(1)};
    EXPECT_EQ(expand(pair, "a").size(), 1 + length);
  }
  EXPECT_EQ(length_token(258) >> 16, 285u);  // not 284 with all extra bits
  std::string text;
  for (int i = 0; i < 32768; ++i) text += char(i % 251);
  for (std::size_t distance = 1; distance <= 32768; ++distance) {
    const Token pair[] = {length_token(3), distance_token(distance)};
    const char repeated = text[text.size() - distance];
    ASSERT_EQ(expand(pair, text)[32768], repeated) << distance;
    const Token joined[] = {distance_token(distance, first_voxel_match)};
    ASSERT_EQ(expand(joined, text).size(), 32768u + 4) << distance;
    ASSERT_EQ(expand(joined, text)[32768], repeated) << distance;
  }
  for (std::size_t symbol = 0; symbol < 29; ++symbol)
    EXPECT_EQ(extra_bits(first_length + symbol), rfc_lengths[symbol].extra_bits);
  for (std::size_t symbol = 0; symbol < 30; ++symbol) {
    EXPECT_EQ(extra_bits(first_distance + symbol), rfc_distances[symbol].extra_bits);
    EXPECT_EQ(extra_bits(first_voxel_match + symbol), rfc_distances[symbol].extra_bits);
  }
  EXPECT_EQ(extra_bits('a'), 0u);
  EXPECT_EQ(extra_bits(end_of_block), 0u);
}

}  // namespace
}  // namespace nicohort
