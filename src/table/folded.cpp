#include "table/folded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Characters = std::u32string;

enum Fold : unsigned {
  zeros = 1,
  spaces = 2,
  dashes = 4,
  quotes = 8,
  point_zero = 16,
  letter_case = 32,
  accents = 64,
  full_width = 128,
  invisible = 256,
  all_folds = 511,
  folds_of_values = spaces | quotes | letter_case | accents | full_width | invisible,
};

struct Range {
  char32_t first, last;
};
constexpr std::array<Range, 9> space_characters{{{'\t', '\r'},
                                                 {' ', ' '},
                                                 {0xA0, 0xA0},
                                                 {0x1680, 0x1680},
                                                 {0x2000, 0x200A},
                                                 {0x2028, 0x2029},
                                                 {0x202F, 0x202F},
                                                 {0x205F, 0x205F},
                                                 {0x3000, 0x3000}}};
constexpr std::array<Range, 7> invisible_characters{{{0, 0x1F},
                                                     {0x7F, 0x9F},
                                                     {0xAD, 0xAD},
                                                     {0x200B, 0x200F},
                                                     {0x202A, 0x202E},
                                                     {0x2060, 0x2064},
                                                     {0xFEFF, 0xFEFF}}};
constexpr std::array<Range, 5> dash_characters{
    {{'-', '-'}, {0x2010, 0x2015}, {0x2212, 0x2212}, {0xFE58, 0xFE58}, {0xFE63, 0xFE63}}};
constexpr std::array<Range, 8> quote_characters{{{'"', '"'},
                                                 {'\'', '\''},
                                                 {'`', '`'},
                                                 {0xAB, 0xAB},
                                                 {0xB4, 0xB4},
                                                 {0xBB, 0xBB},
                                                 {0x2018, 0x201F},
                                                 {0x2032, 0x2033}}};
constexpr std::array<Range, 2> combining_marks{{{0x300, 0x36F}, {0x3099, 0x309A}}};

bool is_in(std::span<const Range> ranges, char32_t c) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

// Letters with accents, each as the letter that it is without (Unicode's canonical decompositions);
// a blank: it is none.
struct AccentedLetters {
  char32_t first;
  std::string_view letters;
};
constexpr std::array<AccentedLetters, 3> accented_letters{{
    {0xC0,
     "AAAAAA CEEEEIIII NOOOOO  UUUUY  aaaaaa ceeeeiiii nooooo  uuuuy y"
     "AaAaAaCcCcCcCcDd  EeEeEeEeEeGgGgGgGgHh  IiIiIiIiI   JjKk LlLlLl "
     "   NnNnNn   OoOoOo  RrRrRrSsSsSsSsTtTt  UuUuUuUuUuUuWwYyYZzZzZz"},
    {0x1CD,
     "AaIiOoUuUuUuUuUu AaAa    GgKkOoOo  j   Gg  NnAa    AaAaEeEeIiIiO"
     "oOoRrRrUuUuSsTt  Hh      AaEeOoOoOoOoYy"},
    {0x1E00,
     "AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMm"
     "MmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVv"
     "WwWwWwWwWwXxXxYyZzZzZzhtwy      AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEe"
     "EeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy"},
}};

// Without its accent, a Latin letter or voiced kana; others as they are.
char32_t without_accent(char32_t c) {
  for (const auto& [first, letters] : accented_letters)
    if (c >= first && c - first < letters.size() && letters[c - first] != ' ')
      return static_cast<char32_t>(letters[c - first]);
  const char32_t kana = c >= 0x30A0 && c <= 0x30FF ? c - 0x60 : c;  // katakana as hiragana
  const bool is_voiced = (kana >= 0x304C && kana <= 0x3062 && kana % 2 == 0) || kana == 0x3065 ||
                         kana == 0x3067 || kana == 0x3069;
  if (is_voiced) return c - 1;
  if (kana >= 0x306F && kana <= 0x307D) return c - (kana - 0x306F) % 3;
  return c;
}

// Of letters of more than one element, the elements; of accented ones, the letter alone. That makes
// no difference between the composed and the decomposed form of a text.
void append_without_accents(Characters& text, char32_t c) {
  constexpr char32_t first_hangul = 0xAC00, vowels = 21, finals = 28;
  if (is_in(combining_marks, c)) return;
  if (c >= first_hangul && c <= 0xD7A3) {
    const char32_t index = c - first_hangul;
    text += static_cast<char32_t>(0x1100 + index / (vowels * finals));
    text += static_cast<char32_t>(0x1161 + index / finals % vowels);
    if (index % finals != 0) text += static_cast<char32_t>(0x11A7 + index % finals);
  } else {
    text += without_accent(c);
  }
}

std::size_t accents_in(const Characters& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char32_t c) {
    return is_in(combining_marks, c) || without_accent(c) != c;
  }));
}

Characters characters_of(std::string_view text) {
  Characters characters;
  for (std::size_t i = 0; i < text.size();) {
    const char byte = text[i];
    const char32_t c = decode_utf8(text, i);
    characters += c == not_utf8 ? 0xDC00 + static_cast<unsigned char>(byte) : c;
  }
  return characters;
}

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}

// `12.0` and `12.00` as 12.
void drop_point_zero(Characters& text) {
  const std::size_t point = text.find_last_not_of(U'0');
  if (point != Characters::npos && point > 0 && point + 1 < text.size() && text[point] == '.' &&
      is_digit(text[point - 1]))
    text.erase(point);
}

void drop_leading_zeros(Characters& text) {
  Characters kept;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 0 || !is_digit(text[i - 1]))
      while (text[i] == '0' && i + 1 < text.size() && is_digit(text[i + 1])) ++i;
    kept += text[i];
  }
  text = std::move(kept);
}

std::string fold(const Characters& characters, unsigned folds) {
  Characters text;
  for (char32_t c : characters) {
    if ((folds & full_width) && c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if ((folds & spaces) && is_in(space_characters, c)) continue;
    if ((folds & invisible) && !is_in(space_characters, c) && is_in(invisible_characters, c))
      continue;
    if ((folds & dashes) && is_in(dash_characters, c)) continue;
    if ((folds & quotes) && is_in(quote_characters, c)) continue;
    if (folds & accents)
      append_without_accents(text, c);
    else
      text += c;
  }
  if (folds & point_zero) drop_point_zero(text);
  if (folds & zeros) drop_leading_zeros(text);
  std::string bytes;
  for (const char32_t c : text) append_utf8(bytes, c);
  return folds & letter_case ? lower_case(bytes) : bytes;
}

}  // namespace

std::string folded(std::string_view text) {
  return fold(characters_of(text), all_folds);
}

std::string folded_value(std::string_view text) {
  return fold(characters_of(text), folds_of_values);
}

std::string folded_spelling(std::string_view text) {
  Characters kept;
  bool is_apart = false;
  for (char32_t c : characters_of(text)) {
    if (c >= 0xFF01 && c <= 0xFF5E) c -= 0xFEE0;
    if (is_in(space_characters, c) || is_in(dash_characters, c)) {
      is_apart = true;
      continue;
    }
    if (is_apart && !kept.empty() && is_digit(kept.back()) && is_digit(c)) kept += '-';
    is_apart = false;
    kept += c;
  }
  // Other accents are another name; how they are stored is not.
  return fold(kept, letter_case | accents | invisible) + fmt::format("\n{}", accents_in(kept));
}

std::string small_difference(std::string_view one, std::string_view other) {
  const Characters a = characters_of(one), b = characters_of(other);
  if (a == b || fold(a, all_folds) != fold(b, all_folds)) return "";
  const char* const unicode_form = accents_in(a) == accents_in(b) ? "Unicode form" : "accents";
  std::vector<std::string> names;
  for (const auto& [kind, name] :
       {std::pair(zeros, "leading zeros"), std::pair(spaces, "spaces"), std::pair(dashes, "dashes"),
        std::pair(quotes, "quotes"), std::pair(point_zero, "a `.0`"),
        std::pair(letter_case, "upper and lower case"), std::pair(accents, unicode_form),
        std::pair(full_width, "full-width characters"),
        std::pair(invisible, "invisible characters")})
    if (fold(a, all_folds & ~kind) != fold(b, all_folds & ~kind)) names.emplace_back(name);
  if (names.empty()) return "how they are written";
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i)
    text += (i + 1 < names.size() ? ", " : " and ") + names[i];
  return text;
}

}  // namespace nicohort
