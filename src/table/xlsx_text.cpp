#include "table/xlsx_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/problem.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"
#include "table/xml.hpp"

namespace nicohort {

namespace {

constexpr std::size_t escape_length = 7;  // _xHHHH_
constexpr char32_t no_unit = not_utf8;

// The UTF-16 unit of the escape that the text begins with, if it does.
char32_t escaped_unit(std::string_view text) {
  if (text.size() < escape_length || !text.starts_with("_x") || text[6] != '_') return no_unit;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data() + 2, text.data() + 6, value, 16);
  return error == std::errc{} && end == text.data() + 6 ? value : no_unit;
}

// As nearly all characters are: written as it is.
bool is_plain(char character) {
  return character >= 0x20 && character < 0x7F && character != '_' && character != '&' &&
         character != '<' && character != '>';
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low_surrogate(char32_t unit) {
  return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

std::string decode_cell_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t plain = std::min(text.find("_x"), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    char32_t unit = escaped_unit(text);
    std::size_t length = escape_length;
    if (unit != no_unit && is_high_surrogate(unit)) {
      const char32_t low = escaped_unit(text.substr(escape_length));
      if (low != no_unit && is_low_surrogate(low)) {
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
        length *= 2;
      }
    }
    if (unit == no_unit || (unit >= 0xD800 && unit < 0xE000)) {  // no escape, or half a character
      out += text.substr(0, 2);
      text.remove_prefix(2);
    } else {
      append_utf8(out, unit);
      text.remove_prefix(length);
    }
  }
  return out;
}

std::string encode_cell_text(std::string_view text) {
  std::string out;
  std::size_t units = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t start = i;
    i = static_cast<std::size_t>(std::find_if_not(text.begin() + i, text.end(), is_plain) -
                                 text.begin());
    out += text.substr(start, i - start);
    units += i - start;
    if (i > start) continue;
    const char32_t character = decode_utf8(text, i);
    if (character == not_utf8)
      throw BadInput(ProblemKind::table, "text that is not UTF-8 cannot be written: " +
                                             std::string(text.substr(0, 60)));
    units += character > 0xFFFF ? 2 : 1;
    const bool needs_escape = (character < 0x20 && character != '\t' && character != '\n') ||
                              character == 0xFFFE || character == 0xFFFF;
    if (needs_escape) {
      out += fmt::format("_x{:04X}_", static_cast<unsigned>(character));
    } else if (character == '_' && escaped_unit(text.substr(start)) != no_unit) {
      out += "_x005F_";
    } else if (character == '&') {
      out += "&amp;";
    } else if (character == '<') {
      out += "&lt;";
    } else if (character == '>') {
      out += "&gt;";
    } else {
      out += text.substr(start, i - start);
    }
  }
  if (units > max_cell_units) {
    throw BadInput(ProblemKind::table,
                   fmt::format("a cell has {} characters of text, but Excel allows only {}: "
                               "\"{}…\"; shorten it or write CSV",
                               units, max_cell_units, text.substr(0, 40)));
  }
  return out;
}

}  // namespace nicohort
