// A typed table: what a worksheet or a CSV file holds, without its looks.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "table/text.hpp"

namespace nicohort {

// A calendar date with a time of day; no time zone.
struct DateTime {
  using Time = std::chrono::duration<std::int32_t, std::milli>;
  std::chrono::year_month_day date;
  Time time{0};  // since midnight
  bool operator==(const DateTime&) const = default;
};
// `YYYY-MM-DD`, with ` HH:MM:SS` behind it where the time is not midnight, and `.mmm` where it has
// milliseconds.
std::string format(const DateTime& value);

// A time of day, or how long something took: hours, minutes and seconds without a date.
struct ClockTime {
  std::chrono::milliseconds value{0};  // not negative; of a duration also more than a day
  bool operator==(const ClockTime&) const = default;
};
// `HH:MM:SS`, with more digits of hours where there are as many, and `.mmm` where it has
// milliseconds.
std::string format(const ClockTime& value);

// Empty, text, number, boolean, date, or time. A number is what Excel has: a double. Tables have
// millions of them: all fit into 16 bytes, and copies share a text.
using Cell = std::variant<std::monostate, Text, double, bool, DateTime, ClockTime>;
static_assert(sizeof(Cell) == 16);

inline bool is_empty(const Cell& cell) {
  return std::holds_alternative<std::monostate>(cell);
}

// A cell as text: numbers with the fewest digits that give back the double and no `.0` (189003440),
// booleans as TRUE and FALSE, dates and times as format() gives them, empty as "".
std::string to_text(const Cell& cell);

// The fewest digits that give back the double, never an exponent for whole numbers below 1e17, no
// `-0`.
std::string format_number(double value);
// The same for float: 0.8f gives `0.8`.
std::string format_number(float value);

struct Table {
  std::vector<std::string> columns;     // unique, never empty
  std::vector<std::vector<Cell>> rows;  // each as long as columns
  // Where the rows of a table that was read stand in its file; empty: below the header, in order.
  std::vector<std::uint32_t> rows_in_file = {};

  // Index of a column, if it is there.
  std::optional<std::size_t> find(std::string_view column) const;
  // The number that the file has for a row, from 1.
  std::size_t row_in_file(std::size_t row) const {
    return row < rows_in_file.size() ? rows_in_file[row] : row + 2;
  }
  // Wherever the rows stand.
  bool operator==(const Table& other) const {
    return columns == other.columns && rows == other.rows;
  }
};

}  // namespace nicohort
