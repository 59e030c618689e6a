#include "deflate/run_tokens.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "expand.hpp"

namespace nicohort {
namespace {

using namespace testing;

std::vector<Token> tokens_of(const std::string& bytes, int before) {
  Tokens tokens;
  add_run_tokens(std::as_bytes(std::span(bytes)), before, tokens);
  return {tokens.all().begin(), tokens.all().end()};
}

TEST(DeflateRuns, of_every_length) {
  for (std::size_t length = 0; length < 800; ++length) {
    const std::string run(length, 'x');
    for (const std::string after : {"", "y", "yyyyyyyyyyyyyyyyyyyy"}) {
      ASSERT_EQ(expand(tokens_of(run + after, -1)), run + after);
      ASSERT_EQ(expand(tokens_of(run + after, 'x'), "x"), "x" + run + after);
      ASSERT_EQ(expand(tokens_of(run + after, 'y'), "y"), "y" + run + after);
    }
  }
}

TEST(DeflateRuns, are_a_byte_and_matches_of_distance_one) {
  const Token distance = distance_token(1);
  EXPECT_EQ(tokens_of(std::string(1 + 2 * 258 + 4, 'x'), -1),
            (std::vector<Token>{literal_token('x'), length_token(258), distance, length_token(258),
                                distance, length_token(4), distance}));
  EXPECT_EQ(tokens_of("xxx", 'x'), (std::vector<Token>{length_token(3), distance}));
  EXPECT_EQ(tokens_of("xx", 'x'), (std::vector<Token>(2, literal_token('x'))));
}

RC_GTEST_PROP(DeflateRuns, any_bytes_come_back, ()) {
  std::mt19937 random(*rc::gen::arbitrary<std::uint32_t>());
  const unsigned values = *rc::gen::element(1u, 2u, 3u, 256u), change = *rc::gen::inRange(1u, 60u);
  std::string bytes(random() % 3000, '\0'), whole;
  char byte = 0;
  for (char& each : bytes) each = byte = random() % change == 0 ? char(random() % values) : byte;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::string piece = bytes.substr(at, 1 + random() % 1000);
    whole = expand(tokens_of(piece, whole.empty() ? -1 : std::uint8_t(whole.back())), whole);
    at += piece.size();
  }
  RC_ASSERT(whole == bytes);
}

}  // namespace
}  // namespace nicohort
