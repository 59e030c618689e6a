#include "deflate/code_lengths.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <functional>
#include <queue>
#include <random>

namespace nicohort {
namespace {

using Counts = std::vector<std::uint32_t>;

std::vector<std::uint8_t> lengths_of(const Counts& counts, unsigned limit) {
  std::vector<std::uint8_t> lengths(counts.size(), 99);
  find_code_lengths(counts, limit, lengths);
  return lengths;
}

// In units of the longest code: a complete code takes 2^15.
std::uint32_t taken(const std::vector<std::uint8_t>& lengths) {
  std::uint32_t sum = 0;
  for (const std::uint8_t length : lengths)
    if (length > 0) sum += 1U << (15 - length);
  return sum;
}

std::uint64_t bits(const Counts& counts, const std::vector<std::uint8_t>& lengths) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) sum += std::uint64_t{counts[i]} * lengths[i];
  return sum;
}

// Huffman's own way: the two smallest are joined until one is left, and each join costs a bit.
std::uint64_t fewest_bits(const Counts& counts) {
  std::priority_queue<std::uint64_t, std::vector<std::uint64_t>, std::greater<>> left;
  for (const std::uint32_t count : counts)
    if (count > 0) left.push(count);
  std::uint64_t sum = 0;
  while (left.size() > 1) {
    std::uint64_t joined = left.top();
    left.pop();
    joined += left.top();
    left.pop();
    left.push(joined), sum += joined;
  }
  return sum;
}

Counts random_counts() {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  Counts counts(2 + random() % 285);
  const unsigned used = 1 + random() % 100;  // percent
  const unsigned most = *rc::gen::element(1u, 10u, 5000u, 1000000u);
  for (std::uint32_t& count : counts) count = random() % 100 < used ? 1 + random() % most : 0;
  return counts;
}

std::size_t used(const Counts& counts) {
  return counts.size() - std::size_t(std::count(counts.begin(), counts.end(), 0));
}

RC_GTEST_PROP(DeflateCodes, no_lengths_give_fewer_bits, ()) {
  const Counts counts = random_counts();
  const auto lengths = lengths_of(counts, 15);
  RC_ASSERT(taken(lengths) == 1U << 15);
  for (std::size_t i = 0; i < counts.size(); ++i) RC_ASSERT(lengths[i] > 0 || counts[i] == 0);
  if (used(counts) > 1 && *std::max_element(lengths.begin(), lengths.end()) < 15)
    RC_ASSERT(bits(counts, lengths) == fewest_bits(counts));
}

TEST(DeflateCodes, what_occurs_never_has_a_code_in_symbols_that_do_not) {
  const auto lengths = lengths_of({0, 3, 0, 5, 0, 9, 0}, 15);
  EXPECT_EQ(lengths, (std::vector<std::uint8_t>{0, 2, 0, 2, 0, 1, 0}));
}

TEST(DeflateCodes, one_symbol_or_none_still_gives_two_codes) {
  EXPECT_EQ(lengths_of({0, 0, 7, 0}, 15), (std::vector<std::uint8_t>{1, 0, 1, 0}));
  EXPECT_EQ(lengths_of({0, 0, 0}, 15), (std::vector<std::uint8_t>{1, 1, 0}));
  EXPECT_EQ(lengths_of({5, 0, 0}, 15), (std::vector<std::uint8_t>{1, 1, 0}));
}

// Fibonacci's numbers make the deepest trees.
TEST(DeflateCodes, none_is_longer_than_the_limit) {
  Counts counts{1, 1};
  while (counts.size() < 40) counts.push_back(counts.end()[-1] + counts.end()[-2]);
  for (const unsigned limit : {15u, 7u}) {
    Counts these = counts;
    if (limit == 7) these.resize(19);
    const auto lengths = lengths_of(these, limit);
    EXPECT_EQ(*std::max_element(lengths.begin(), lengths.end()), limit);
    EXPECT_EQ(taken(lengths), 1U << 15);
    for (std::size_t i = 2; i < these.size(); ++i) EXPECT_LE(lengths[i], lengths[i - 1]) << i;
  }
}

TEST(DeflateCodes, are_those_of_the_example_in_the_rfc) {
  // 3.2.2: 010 011 100 101 110 00 1110 1111
  const std::vector<std::uint8_t> lengths{3, 3, 3, 3, 3, 2, 4, 4};
  std::vector<std::uint16_t> codes(lengths.size());
  find_codes(lengths, codes);
  EXPECT_EQ(codes,
            (std::vector<std::uint16_t>{0b010, 0b110, 0b001, 0b101, 0b011, 0b00, 0b0111, 0b1111}));
}

}  // namespace
}  // namespace nicohort
