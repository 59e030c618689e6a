// Texts that people take for one another: identifiers, headers and values of tables that differ
// only in what nobody sees, or in what spreadsheet programs change.
#pragma once

#include <string>
#include <string_view>

namespace nicohort {

// An identifier or a header without leading zeros of its numbers, spaces, dashes, quotes, a `.0`,
// invisible characters and accents, in lower case and half width. Two that are the same so far are
// probably one, and never taken for one.
std::string folded(std::string_view text);

// The same of a value, in which zeros, dashes and a `.0` mean something.
std::string folded_value(std::string_view text);

// An identifier that is spelled in several ways by hand: without spaces, without dashes, in lower
// case, half width and one Unicode form. Zeros mean something, and so does that numbers are apart:
// `1-12` is not `11-2`.
std::string folded_spelling(std::string_view text);

// In what two texts differ that are the same once they are folded: `leading zeros and spaces`.
// Empty if they are equal, or differ in more.
std::string small_difference(std::string_view one, std::string_view other);

}  // namespace nicohort
