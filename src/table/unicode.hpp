// The little of Unicode that tables need: UTF-8 (RFC 3629) and comparison without case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nicohort {

// What decode_utf8 returns for bytes that are not UTF-8 (no character has this number).
inline constexpr char32_t not_utf8 = 0xFFFFFFFF;

// The character that starts at `position`, which moves behind it. Overlong forms and surrogates are
// not UTF-8. `position` must be less than the size of the text.
char32_t decode_utf8(std::string_view text, std::size_t& position);
void append_utf8(std::string& text, char32_t character);

bool is_utf8(std::string_view text);

// The text with `\xHH` for every byte that is no part of UTF-8 and for NUL: fit for any table.
std::string printable(std::string_view text);

// Length in UTF-16 units, which is what Excel counts. The text must be UTF-8.
std::size_t utf16_length(std::string_view text);

// In lower case, character by character, whatever the locale of the process.
std::string lower_case(std::string_view text);

}  // namespace nicohort
