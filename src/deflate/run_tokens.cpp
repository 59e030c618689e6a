#include "deflate/run_tokens.hpp"

#include <bit>
#include <cstdint>
#include <cstring>

namespace nicohort {
namespace {

// How many bytes from `from` on are `byte`.
std::size_t run_length(const std::byte* from, const std::byte* end, std::byte byte) {
  constexpr std::ptrdiff_t line = 64, word = 8;
  const std::uint64_t pattern = std::uint64_t(byte) * 0x0101010101010101U;
  const auto difference = [&](const std::byte* at) {
    std::uint64_t bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    return bytes ^ pattern;
  };
  const std::byte* p = from;
  for (; end - p >= line; p += line) {
    std::uint64_t any = 0;
    for (std::ptrdiff_t i = 0; i < line; i += word) any |= difference(p + i);
    if (any != 0) break;
  }
  for (; end - p >= word; p += word)
    if (const std::uint64_t bits = difference(p))
      return std::size_t(p - from) + std::size_t(std::countr_zero(bits)) / 8;
  while (p != end && *p == byte) ++p;
  return std::size_t(p - from);
}

}  // namespace

void add_run_tokens(std::span<const std::byte> bytes, int before, Tokens& tokens) {
  constexpr Token whole = length_token(longest_match), distance = distance_token(1);
  Token* to = tokens.room(bytes.size());  // two tokens of a match are at least three bytes
  const std::byte *p = bytes.data(), *const end = p + bytes.size();
  while (p != end) {
    const std::byte byte = *p;
    if (int(byte) != before) {
      *to++ = literal_token(std::uint8_t(byte));
      before = int(byte);
      ++p;
      continue;
    }
    std::size_t run = run_length(p, end, byte);
    p += run;
    for (; run >= longest_match; run -= longest_match) *to++ = whole, *to++ = distance;
    if (run >= shortest_match) {
      *to++ = length_token(run), *to++ = distance;
      run = 0;
    }
    for (; run > 0; --run) *to++ = literal_token(std::uint8_t(byte));
  }
  tokens.end_at(to);
}

}  // namespace nicohort
