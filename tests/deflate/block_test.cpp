#include "deflate/block.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "expand.hpp"
#include "inflate.hpp"

namespace nicohort {
namespace {

using namespace testing;

// Of random literals and matches that reach what there is; skewed: few symbols have most of them.
std::vector<Token> random_tokens(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Token> tokens;
  std::size_t size = 0;
  const unsigned skew = 1 + random() % 20;
  while (tokens.size() < count) {
    const std::size_t reach = std::min<std::size_t>(size, 32768);
    const std::size_t distance = reach == 0 ? 0 : 1 + random() % reach;
    switch (reach == 0 ? 0 : random() % 3) {
      case 0:
        tokens.push_back(literal_token(std::uint8_t(random() % 256 >> random() % skew % 8)));
        ++size;
        break;
      case 1:
        tokens.push_back(distance_token(distance, first_voxel_match));
        size += 4;
        break;
      default: {
        const std::size_t length = 3 + random() % 256;
        tokens.push_back(length_token(length)), tokens.push_back(distance_token(distance));
        size += length;
      }
    }
  }
  return tokens;
}

std::string taken(BitWriter& bits) {
  const auto taken = bits.take();
  return {reinterpret_cast<const char*>(taken.data()), taken.size()};
}

constexpr int raw = -15;

// However bits are shifted.
RC_GTEST_PROP(DeflateBlock, is_read_as_its_tokens, ()) {
  BitWriter bits, plain_bits;
  std::string deflated, plain, text;
  const int blocks = *rc::gen::inRange(1, 4);
  for (int block = 1; block <= blocks; ++block) {
    const auto tokens = random_tokens(*rc::gen::element<std::size_t>(0, 1, 2, 100, 5000),
                                      *rc::gen::arbitrary<std::uint32_t>());
    text = expand(tokens, text);
    write_block(tokens, block == blocks, bits);
    write_block(tokens, block == blocks, plain_bits, Shifts::plain);
    if (block < blocks && *rc::gen::arbitrary<bool>())
      write_byte_boundary(bits), write_byte_boundary(plain_bits);
    deflated += taken(bits), plain += taken(plain_bits);
  }
  bits.align(), plain_bits.align();
  deflated += taken(bits), plain += taken(plain_bits);
  RC_ASSERT(plain == deflated);
  RC_ASSERT(inflated_by_zlib(deflated, text.size(), raw) == text);
}

// The third and the second bit say it; the first is that of the last block.
int type_of(const std::string& deflated) {
  return deflated[0] >> 1 & 3;
}

TEST(DeflateBlock, has_the_fixed_codes_where_its_own_would_be_longer) {
  const auto written = [](const std::vector<Token>& tokens) {
    BitWriter bits;
    write_block(tokens, true, bits);
    bits.align();
    return taken(bits);
  };
  EXPECT_EQ(written({}), std::string("\x03\0", 2));
  EXPECT_EQ(type_of(written({literal_token('a'), literal_token('b')})), 1);
  EXPECT_EQ(type_of(written(std::vector<Token>(1000, literal_token('a')))), 2);
  // All bytes once, and all distances: what fixed codes have of each length.
  std::vector<Token> tokens;
  for (int i = 0; i < 256; ++i) tokens.push_back(literal_token(std::uint8_t(i)));
  for (const Coded& coded : rfc_distances)
    if (coded.base <= 256) tokens.push_back(distance_token(coded.base, first_voxel_match));
  const std::string deflated = written(tokens);
  EXPECT_EQ(type_of(deflated), 1);
  EXPECT_EQ(inflated_by_zlib(deflated, 2000, raw), expand(tokens));
}

// Codes of 15 bits, in pairs: more than are put at once.
TEST(DeflateBlock, two_of_the_longest_tokens_side_by_side) {
  std::vector<Token> tokens(40000, literal_token(0));
  unsigned times = 1;
  for (int i = 0; i < 16; ++i, times *= 2) {
    const std::vector<Token> more(times, literal_token(std::uint8_t(100 + i)));
    tokens.insert(tokens.end(), more.begin(), more.end());
  }
  for (int i = 0; i < 15; ++i) {
    const std::vector<Token> more(std::size_t{1} << i,
                                  distance_token(rfc_distances[i].base, first_distance));
    for (const Token distance : more) {
      tokens.push_back(length_token(3));
      tokens.push_back(distance);
    }
  }
  for (int i = 0; i < 3; ++i) tokens.push_back(distance_token(32768, first_voxel_match));
  const std::string text = expand(tokens);
  BitWriter bits;
  write_block(tokens, true, bits);
  bits.align();
  EXPECT_EQ(inflated_by_zlib(taken(bits), text.size(), raw), text);
}

TEST(DeflateBlock, boundary_begins_a_byte) {
  BitWriter bits;
  const Token a = literal_token('a');
  write_block({&a, 1}, false, bits);
  EXPECT_FALSE(bits.is_at_byte());
  write_byte_boundary(bits);
  EXPECT_TRUE(bits.is_at_byte());
  const std::string begun = taken(bits);
  EXPECT_EQ(begun.substr(begun.size() - 4), std::string("\0\0\xff\xff", 4));
  // Bytes that another has made go on from here.
  EXPECT_EQ(inflated_by_zlib(begun + std::string("\x03\0", 2), 1, raw), "a");
}

}  // namespace
}  // namespace nicohort
