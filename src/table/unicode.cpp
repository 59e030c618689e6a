#include "table/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "table/lower_case_ranges.hpp"

namespace nicohort {
namespace {

char32_t lower_case_of(char32_t character) {
  const auto behind =
      std::upper_bound(lower_case_ranges.begin(), lower_case_ranges.end(), character,
                       [](char32_t c, const LowerCaseRange& range) { return c < range.first; });
  if (behind == lower_case_ranges.begin()) return character;
  const LowerCaseRange& range = *std::prev(behind);
  if (character > range.last || (character - range.first) % range.step != 0) return character;
  return static_cast<char32_t>(static_cast<std::int32_t>(character) + range.change);
}

}  // namespace

char32_t decode_utf8(std::string_view text, std::size_t& position) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned first = byte(position++);
  if (first < 0x80) return first;
  if (first < 0xC2 || first > 0xF4) return not_utf8;
  const std::size_t more = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  if (text.size() - position < more) return not_utf8;
  char32_t character = first & (0x3Fu >> more);
  for (std::size_t i = 0; i < more; ++i, ++position) {
    if ((byte(position) & 0xC0u) != 0x80) return not_utf8;
    character = character << 6 | (byte(position) & 0x3Fu);
  }
  const char32_t least = more == 1 ? 0x80 : more == 2 ? 0x800 : 0x10000;
  if (character < least || character > 0x10FFFF) return not_utf8;
  if (character >= 0xD800 && character < 0xE000) return not_utf8;
  return character;
}

void append_utf8(std::string& text, char32_t character) {
  const auto add = [&](char32_t byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    add(character);
    return;
  }
  if (character < 0x800) {
    add(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      add(0xE0 | character >> 12);
    } else {
      add(0xF0 | character >> 18);
      add(0x80 | (character >> 12 & 0x3F));
    }
    add(0x80 | (character >> 6 & 0x3F));
  }
  add(0x80 | (character & 0x3F));
}

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();)
    if (decode_utf8(text, i) == not_utf8) return false;
  return true;
}

std::string printable(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const char32_t character = decode_utf8(text, i);
    if (character != not_utf8 && character != 0) {
      result += text.substr(start, i - start);
    } else {  // what follows may be good again
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[start]));
      i = start + 1;
    }
  }
  return result;
}

std::size_t utf16_length(std::string_view text) {
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size();) units += decode_utf8(text, i) > 0xFFFF ? 2 : 1;
  return units;
}

std::string lower_case(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    const char32_t character = decode_utf8(text, i);
    if (character == not_utf8) {
      lower += text.substr(start, i - start);
    } else if (character < 0x80) {
      lower += static_cast<char>(character >= 'A' && character <= 'Z' ? character + 32 : character);
    } else {
      append_utf8(lower, lower_case_of(character));
    }
  }
  return lower;
}

}  // namespace nicohort
