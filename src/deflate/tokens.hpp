// What a block of deflate (RFC 1951) says, piece by piece: bytes as they are, and matches, which
// repeat what stood some distance before.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace nicohort {

// A symbol and the value of its extra bits: symbol << 16 | extra. A match is a token of its length
// and one of its distance, or one that is both.
using Token = std::uint32_t;

// 0 to 285 are RFC 1951's literals, end of block and lengths (3.2.5). Its distances follow, once
// on their own and once joined to the length of a voxel, which most matches have.
constexpr std::size_t end_of_block = 256, first_length = 257, literals_and_lengths = 286;
constexpr std::size_t distances = 30, first_distance = 288, first_voxel_match = 320;
constexpr std::size_t token_symbols = first_voxel_match + distances;

constexpr std::size_t shortest_match = 3, longest_match = 258, longest_distance = 32768;
constexpr std::size_t bytes_of_voxel = 4;  // of float32

constexpr Token literal_token(std::uint8_t byte) {
  return Token{byte} << 16;
}

// Extra bits behind a symbol.
constexpr unsigned extra_bits(std::size_t symbol) {
  if (symbol >= first_distance) {
    const std::size_t distance = (symbol - first_distance) % 32;
    return distance < 4 ? 0 : unsigned(distance) / 2 - 1;
  }
  return symbol < 265 || symbol == 285 ? 0 : unsigned(symbol - 261) / 4;
}

// length: 3 to 258
constexpr Token length_token(std::size_t length) {
  if (length == longest_match) return Token{285} << 16;
  const auto above = Token(length - shortest_match);
  if (above < 8) return Token(first_length + above) << 16;
  const auto extra = unsigned(std::bit_width(above)) - 3;
  return Token(first_length + 4 * extra + (above >> extra)) << 16 | (above & ((1U << extra) - 1));
}

// distance: 1 to 32768. first: first_distance or first_voxel_match
constexpr Token distance_token(std::size_t distance, std::size_t first = first_distance) {
  const auto above = Token(distance - 1);
  if (above < 4) return Token(first + above) << 16;
  const auto extra = unsigned(std::bit_width(above)) - 2;
  return Token(first + 2 * extra + (above >> extra)) << 16 | (above & ((1U << extra) - 1));
}

// Tokens that wait until they are a block.
class Tokens {
 public:
  std::span<const Token> all() const { return {tokens_.get(), size_}; }
  std::size_t size() const { return size_; }
  void clear() { size_ = 0; }

  // Room for `more` tokens; end_at() says how far it was filled.
  Token* room(std::size_t more) {
    if (size_ + more > capacity_) {
      auto larger = std::make_unique_for_overwrite<Token[]>(size_ + more);
      std::copy_n(tokens_.get(), size_, larger.get());
      tokens_ = std::move(larger), capacity_ = size_ + more;
    }
    return tokens_.get() + size_;
  }
  void end_at(const Token* end) { size_ = std::size_t(end - tokens_.get()); }

 private:
  std::unique_ptr<Token[]> tokens_;
  std::size_t size_ = 0, capacity_ = 0;
};

}  // namespace nicohort
