// Which number formats of a worksheet show a date (ECMA-376 part 1, 18.8.30 and 18.8.31).
#pragma once

#include <string_view>

namespace nicohort {

// What a number under this format is. A format of hours, minutes and seconds alone is neither: its
// number is a duration or a time of day, not a date, and is read as the number it is (in days).
enum class FormatKind { other, date, date_with_time };

// Of a format code, such as `[$-409]d\-mmm\-yy;@`. Counts as date: a day, year, era or weekday
// anywhere in its first section, or a month (an m without hours and seconds). Literals, `[…]` and
// escapes are skipped.
FormatKind kind_of_format(std::string_view code);

// Of a built-in format, which has a number but no code in the file. Some of 27 to 58 are dates in
// one East Asian language and times in another; they count as dates, which leaves times of day
// numbers, too, since these are below 1 and thus no date.
FormatKind kind_of_builtin_format(unsigned id);

}  // namespace nicohort
