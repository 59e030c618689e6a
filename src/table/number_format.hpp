// Which number formats of a worksheet show a date (ECMA-376 part 1, 18.8.30 and 18.8.31).
#pragma once

#include <string_view>

namespace nicohort {

// What a number under this format is. One of hours, minutes and seconds alone is a time of day, or
// a moment whose date is not shown; with the hours in brackets, `[h]:mm`, it is a duration.
enum class FormatKind { other, date, date_with_time, time, duration };

// Of a format code, such as `[$-409]d\-mmm\-yy;@`. Counts as date: a day, year, era or weekday
// anywhere in its first section, or a month (an m without hours and seconds). Literals, `[…]` and
// escapes are skipped.
FormatKind kind_of_format(std::string_view code);

// Of a built-in format, which has a number but no code in the file. Some of 27 to 58 are dates in
// one East Asian language and times in another; they count as dates, which makes no difference:
// what is below 1 is a time of day in both.
FormatKind kind_of_builtin_format(unsigned id);

}  // namespace nicohort
