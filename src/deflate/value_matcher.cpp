#include "deflate/value_matcher.hpp"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "deflate/common_start.hpp"

namespace nicohort {
namespace {

constexpr std::size_t reach = ValueMatcher::reach;
constexpr std::size_t longest_voxels = longest_match / bytes_of_voxel;
constexpr std::size_t most_tokens = 4;  // of one voxel
constexpr std::size_t different_values = 65536;
constexpr std::size_t readable_beyond = 16;  // values, for common_start()

// A position of which nothing before it is in reach of the next.
constexpr std::uint32_t first_position = reach + 1;

// Tokens of one voxel that stood `distance` voxels before.
constexpr auto matches = [] {
  std::array<Token, reach + 1> tokens{};
  for (std::size_t distance = 1; distance <= reach; ++distance)
    tokens[distance] = distance_token(bytes_of_voxel * distance, first_voxel_match);
  return tokens;
}();
constexpr Token only_distance = Token(first_voxel_match - first_distance) << 16;

// float32 as numbers of int16; false if one is anything else.
bool to_numbers(std::span<const std::byte> voxels, std::uint16_t* to) {
  __m128i differs = _mm_setzero_si128();
  const auto four = [&](const void* from) {
    // What has no whole number in int32 becomes one that is not in int16.
    const __m128i stored = _mm_loadu_si128(static_cast<const __m128i*>(from));
    const __m128i number = _mm_cvttps_epi32(_mm_castsi128_ps(stored));
    const __m128i in_int16 = _mm_srai_epi32(_mm_slli_epi32(number, 16), 16);
    const __m128i again = _mm_castps_si128(_mm_cvtepi32_ps(number));
    differs = _mm_or_si128(
        differs, _mm_or_si128(_mm_xor_si128(number, in_int16), _mm_xor_si128(stored, again)));
    return number;
  };
  constexpr std::size_t at_a_time = 8, bytes = at_a_time * bytes_of_voxel;
  const auto eight = [&](const std::byte* from, std::uint16_t* into) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(into),
                     _mm_packs_epi32(four(from), four(from + bytes / 2)));
  };
  std::size_t done = 0;
  for (; done + bytes <= voxels.size(); done += bytes)
    eight(voxels.data() + done, to + done / bytes_of_voxel);
  if (done < voxels.size()) {
    std::array<std::byte, bytes> rest{};
    std::array<std::uint16_t, at_a_time> numbers{};
    std::copy(voxels.begin() + done, voxels.end(), rest.begin());
    eight(rest.data(), numbers.data());
    std::copy_n(numbers.begin(), (voxels.size() - done) / bytes_of_voxel,
                to + done / bytes_of_voxel);
  }
  return _mm_movemask_epi8(_mm_cmpeq_epi8(differs, _mm_setzero_si128())) == 0xffff;
}

// The four bytes of a voxel.
Token* add_literal(std::uint16_t value, Token* to) {
  const auto bytes = std::bit_cast<std::uint32_t>(float(std::int16_t(value)));
  for (std::size_t byte = 0; byte < bytes_of_voxel; ++byte)
    *to++ = literal_token(std::uint8_t(bytes >> 8 * byte));
  return to;
}

}  // namespace

ValueMatcher::ValueMatcher()
    : values_(reach + most_voxels + readable_beyond),
      last_(different_values, 0),
      position_(first_position) {}

bool ValueMatcher::add_tokens(std::span<const std::byte> voxels, Tokens& tokens) {
  const std::size_t count = voxels.size() / bytes_of_voxel;
  if (!to_numbers(voxels, values_.data() + reach)) return false;
  tokens.end_at(add(count, tokens.room(most_tokens * count)));
  std::copy(values_.begin() + count, values_.begin() + count + reach, values_.begin());
  advance(count);
  return true;
}

// A position that came round again would look near.
void ValueMatcher::advance(std::size_t voxels) {
  position_ += std::uint32_t(voxels);
  if (position_ < std::numeric_limits<std::uint32_t>::max() - 2 * most_voxels) return;
  std::fill(last_.begin(), last_.end(), 0);
  position_ = first_position;
}

Token* ValueMatcher::add(std::size_t count, Token* to) {
  const std::uint16_t* const values = values_.data() + reach;
  std::uint32_t* const last = last_.data();
  const std::uint32_t first = position_;
  for (std::size_t i = 0; i < count;) {
    const std::uint16_t value = values[i];
    const std::uint32_t position = first + std::uint32_t(i);
    const std::size_t distance = position - last[value];
    last[value] = position;
    if (distance > reach) {
      to = add_literal(value, to);
      ++i;
      continue;
    }
    const std::uint16_t* const here = values + i;
    const std::uint16_t* const before = here - distance;
    std::size_t length = 1;
    if (here[1] == before[1]) [[unlikely]] {
      length = common_start(here, before, std::min(longest_voxels, count - i));
      // Most matches that are longer are of one value; of others, these will do.
      const std::size_t second = std::min<std::size_t>(length - 1, 1);
      last[here[second]] = position + std::uint32_t(second);
      last[here[length - 1]] = position + std::uint32_t(length - 1);
    }
    if (length == 1) {
      *to++ = matches[distance];
    } else {
      *to++ = length_token(bytes_of_voxel * length);
      *to++ = matches[distance] - only_distance;
    }
    i += length;
  }
  return to;
}

}  // namespace nicohort
