#include "deflate/block.hpp"

#include <algorithm>
#include <array>

#include "deflate/code_lengths.hpp"

namespace nicohort {
namespace {

enum BlockType : std::uint8_t { stored = 0, fixed = 1, dynamic = 2 };

// How often each symbol of the two codes occurs.
struct Counts {
  std::array<std::uint32_t, literals_and_lengths> literals{};
  std::array<std::uint32_t, distances> distance{};
  std::uint64_t extra = 0;  // bits behind symbols, all together
};

struct Lengths {
  std::array<std::uint8_t, literals_and_lengths> literals{};
  std::array<std::uint8_t, distances> distance{};

  std::uint64_t bits(const Counts& counts) const {
    std::uint64_t bits = counts.extra;
    for (std::size_t i = 0; i < literals.size(); ++i)
      bits += std::uint64_t{counts.literals[i]} * literals[i];
    for (std::size_t i = 0; i < distance.size(); ++i)
      bits += std::uint64_t{counts.distance[i]} * distance[i];
    return bits;
  }
};

Counts count(std::span<const Token> tokens) {
  // Equal symbols often follow each other: adding to the same place would wait for itself.
  constexpr std::size_t lanes = 4;
  std::array<std::array<std::uint32_t, token_symbols>, lanes> seen{};
  std::size_t i = 0;
  for (; i + lanes <= tokens.size(); i += lanes)
    for (std::size_t lane = 0; lane < lanes; ++lane) ++seen[lane][tokens[i + lane] >> 16];
  for (; i < tokens.size(); ++i) ++seen[0][tokens[i] >> 16];

  Counts counts;
  for (std::size_t symbol = 0; symbol < token_symbols; ++symbol) {
    const std::uint32_t times =
        seen[0][symbol] + seen[1][symbol] + seen[2][symbol] + seen[3][symbol];
    counts.extra += std::uint64_t{times} * extra_bits(symbol);
    if (symbol < literals_and_lengths)
      counts.literals[symbol] += times;
    else if (symbol >= first_voxel_match)
      counts.literals[length_token(bytes_of_voxel) >> 16] += times,
          counts.distance[symbol - first_voxel_match] += times;
    else if (symbol >= first_distance && symbol < first_distance + distances)
      counts.distance[symbol - first_distance] += times;
  }
  counts.literals[end_of_block] = 1;
  return counts;
}

Lengths fixed_lengths() {  // RFC 1951, 3.2.6
  Lengths lengths;
  for (std::size_t i = 0; i < lengths.literals.size(); ++i)
    lengths.literals[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
  lengths.distance.fill(5);
  return lengths;
}

// The codes of the fixed block are those of 288 symbols and 32 distances.
std::array<std::uint16_t, literals_and_lengths> fixed_literal_codes() {
  std::array<std::uint8_t, 288> lengths{};
  std::array<std::uint16_t, 288> codes{};
  const Lengths fixed_ones = fixed_lengths();
  std::copy(fixed_ones.literals.begin(), fixed_ones.literals.end(), lengths.begin());
  lengths[286] = lengths[287] = 8;
  find_codes(lengths, codes);
  std::array<std::uint16_t, literals_and_lengths> used{};
  std::copy_n(codes.begin(), used.size(), used.begin());
  return used;
}

// What the header of a dynamic block says of its code lengths (RFC 1951, 3.2.7).
class LengthsHeader {
 public:
  explicit LengthsHeader(const Lengths& lengths)
      : literals_(used(lengths.literals, 257)), distances_(used(lengths.distance, 1)) {
    std::array<std::uint8_t, literals_and_lengths + distances> all{};
    std::copy_n(lengths.distance.begin(), distances_,
                std::copy_n(lengths.literals.begin(), literals_, all.begin()));
    find_items(std::span(all).first(literals_ + distances_));
    std::array<std::uint32_t, code_symbols> counts{};
    for (const Item& item : items()) ++counts[item.symbol];
    find_code_lengths(counts, 7, code_lengths_);
    find_codes(code_lengths_, codes_);
    while (code_lengths_[order[listed_ - 1]] == 0) --listed_;
  }

  std::size_t bits() const {
    std::size_t bits = 5 + 5 + 4 + 3 * listed_;
    for (const Item& item : items()) bits += code_lengths_[item.symbol] + item.extra_bits;
    return bits;
  }

  void put(BitCursor& cursor) const {
    cursor.put(literals_ - 257, 5);
    cursor.put(distances_ - 1, 5);
    cursor.put(listed_ - 4, 4);
    for (std::size_t i = 0; i < listed_; ++i) cursor.put(code_lengths_[order[i]], 3);
    for (const Item& item : items()) {
      cursor.put(codes_[item.symbol], code_lengths_[item.symbol]);
      cursor.put(item.extra, item.extra_bits);
    }
  }

 private:
  static constexpr std::size_t code_symbols = 19;
  static constexpr std::array<std::uint8_t, code_symbols> order{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                                11, 4,  12, 3, 13, 2, 14, 1, 15};
  struct Item {
    std::uint8_t symbol, extra, extra_bits;
  };

  static std::size_t used(std::span<const std::uint8_t> lengths, std::size_t least) {
    std::size_t size = lengths.size();
    while (size > least && lengths[size - 1] == 0) --size;
    return size;
  }

  std::span<const Item> items() const { return std::span(items_).first(item_count_); }
  void add(std::size_t symbol, std::size_t extra = 0, unsigned bits = 0) {
    items_[item_count_++] = {std::uint8_t(symbol), std::uint8_t(extra), std::uint8_t(bits)};
  }
  void find_items(std::span<const std::uint8_t> all) {
    for (std::size_t i = 0; i < all.size();) {
      std::size_t run = 1;
      while (i + run < all.size() && all[i + run] == all[i]) ++run;
      const std::uint8_t length = all[i];
      i += run;
      if (length != 0) add(length), --run;
      while (run >= 3) {
        const std::size_t most = length != 0 ? 6 : 138, part = std::min(run, most);
        if (length != 0)
          add(16, part - 3, 2);
        else if (part <= 10)
          add(17, part - 3, 3);
        else
          add(18, part - 11, 7);
        run -= part;
      }
      for (; run > 0; --run) add(length);
    }
  }

  std::size_t literals_, distances_, listed_ = code_symbols, item_count_ = 0;
  std::array<Item, literals_and_lengths + distances> items_{};
  std::array<std::uint8_t, code_symbols> code_lengths_{};
  std::array<std::uint16_t, code_symbols> codes_{};
};

// The bits of a token: `bits`, and above `shift` of them the extra ones; `total` together.
struct TokenCode {
  std::uint32_t bits = 0;
  std::uint16_t shift = 0, total = 0;
};
using TokenCodes = std::array<TokenCode, token_symbols>;

TokenCodes token_codes(const Lengths& lengths,
                       std::span<const std::uint16_t, literals_and_lengths> literals,
                       std::span<const std::uint16_t, distances> distance) {
  TokenCodes codes;
  const auto set = [&](std::size_t symbol, std::uint32_t bits, unsigned length) {
    codes[symbol] = {bits, std::uint16_t(length), std::uint16_t(length + extra_bits(symbol))};
  };
  for (std::size_t i = 0; i < literals_and_lengths; ++i) set(i, literals[i], lengths.literals[i]);
  constexpr std::size_t voxel = length_token(bytes_of_voxel) >> 16;
  for (std::size_t i = 0; i < distances; ++i) {
    set(first_distance + i, distance[i], lengths.distance[i]);
    set(first_voxel_match + i,
        literals[voxel] | std::uint32_t{distance[i]} << lengths.literals[voxel],
        lengths.literals[voxel] + lengths.distance[i]);
  }
  return codes;
}

[[gnu::always_inline]] inline BitCursor put_tokens(std::span<const Token> tokens,
                                                   const TokenCodes& codes, BitCursor cursor) {
  constexpr unsigned at_a_time = BitCursor::most_bits;
  const auto bits_of = [](Token token, const TokenCode& code) {
    return code.bits | std::uint64_t{token & 0xffff} << code.shift;
  };
  std::size_t i = 0;
  for (; i + 2 <= tokens.size(); i += 2) {
    const TokenCode first = codes[tokens[i] >> 16], second = codes[tokens[i + 1] >> 16];
    const std::uint64_t a = bits_of(tokens[i], first), b = bits_of(tokens[i + 1], second);
    if (first.total + second.total <= at_a_time) {
      cursor.put(a | b << first.total, first.total + second.total);
    } else {
      cursor.put(a, first.total);
      cursor.put(b, second.total);
    }
  }
  for (; i < tokens.size(); ++i) {
    const TokenCode code = codes[tokens[i] >> 16];
    cursor.put(bits_of(tokens[i], code), code.total);
  }
  return cursor;
}

// The same bits; shifts by a number of bits that varies are a third of the work.
[[gnu::target("bmi2")]] BitCursor put_tokens_bmi2(std::span<const Token> tokens,
                                                  const TokenCodes& codes, BitCursor cursor) {
  return put_tokens(tokens, codes, cursor);
}

}  // namespace

Shifts fastest_shifts() {
  static const bool has_bmi2 = __builtin_cpu_supports("bmi2") != 0;
  return has_bmi2 ? Shifts::bmi2 : Shifts::plain;
}

void write_block(std::span<const Token> tokens, bool last, BitWriter& bits, Shifts shifts) {
  static const Lengths fixed_ones = fixed_lengths();
  static const auto fixed_literals = fixed_literal_codes();

  const Counts counts = count(tokens);
  Lengths own;
  find_code_lengths(counts.literals, 15, own.literals);
  find_code_lengths(counts.distance, 15, own.distance);
  const LengthsHeader header(own);
  const std::uint64_t own_bits = header.bits() + own.bits(counts),
                      fixed_bits = fixed_ones.bits(counts);
  const bool is_fixed = fixed_bits <= own_bits;
  const Lengths& lengths = is_fixed ? fixed_ones : own;

  constexpr unsigned type_bits = 3;
  BitCursor cursor = bits.cursor(type_bits + std::min(own_bits, fixed_bits));
  cursor.put(unsigned{last} | (is_fixed ? fixed : dynamic) << 1, type_bits);
  if (!is_fixed) header.put(cursor);
  std::array<std::uint16_t, literals_and_lengths> literals{};
  std::array<std::uint16_t, distances> distance{};
  if (is_fixed)
    literals = fixed_literals;
  else
    find_codes(lengths.literals, literals);
  find_codes(lengths.distance, distance);
  const TokenCodes codes = token_codes(lengths, literals, distance);
  cursor = shifts == Shifts::bmi2 ? put_tokens_bmi2(tokens, codes, cursor)
                                  : put_tokens(tokens, codes, cursor);
  cursor.put(literals[end_of_block], lengths.literals[end_of_block]);
  bits.put_back(cursor);
}

void write_byte_boundary(BitWriter& bits) {
  bits.put(stored << 1, 3);
  bits.align();
  bits.put(0xffff0000, 32);  // no bytes, and the complement of that
}

}  // namespace nicohort
