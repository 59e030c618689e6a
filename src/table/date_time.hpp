// Dates as text (ISO 8601) and as Excel's serial numbers.
#pragma once

#include <optional>
#include <string_view>

#include "table/table.hpp"

namespace nicohort {

// `YYYY-MM-DD`, with `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f…` behind a blank or `T`, and perhaps a `Z`.
// Fractions beyond the millisecond are cut off. Nothing for any other text, or a day that does not
// exist.
std::optional<DateTime> parse_date_time(std::string_view text);

// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.f…`; of a duration, hours can have up to eight digits.
// Fractions beyond the millisecond are cut off.
std::optional<ClockTime> parse_clock_time(std::string_view text);

// From when a workbook counts its days (ECMA-376 part 1, 18.17.4.1): 1 is 1900-01-01, or 0 is
// 1904-01-01.
enum class DateSystem { from_1900, from_1904 };

// The date of a serial number: whole days and the fraction of a day, to the millisecond. The 1900
// system has a 1900-02-29 (serial 60, given as 02-28) because Lotus 1-2-3 had one. Nothing for a
// time of day without a date (below 1 in the 1900 system) and for what Excel cannot show (negative,
// past 9999).
std::optional<DateTime> date_from_serial(double serial, DateSystem system);

// The time that a number of days is, to the millisecond. Nothing for what Excel cannot show
// (negative, past 9999 years).
std::optional<ClockTime> time_from_serial(double serial);
double serial_from_time(const ClockTime& value);

// The reverse; nothing for a date that the system does not reach.
std::optional<double> serial_from_date(const DateTime& value, DateSystem system);

}  // namespace nicohort
