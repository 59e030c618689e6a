#include "table/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace nicohort {

namespace {

template <typename Real>
std::string shortest(Real value) {
  if (std::isnan(value)) return "nan";
  if (value == 0) return "0";
  char digits[64];
  const bool whole = std::trunc(value) == value && std::abs(value) < Real(1e17);
  const auto end =
      whole ? std::to_chars(digits, digits + sizeof digits, value, std::chars_format::fixed)
            : std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

}  // namespace

std::string format(const DateTime& value) {
  std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(value.date.year()),
                                 static_cast<unsigned>(value.date.month()),
                                 static_cast<unsigned>(value.date.day()));
  if (value.time == DateTime::Time{0}) return text;
  return text + " " + format(ClockTime{value.time});
}

std::string format(const ClockTime& value) {
  const std::chrono::hh_mm_ss clock(value.value);
  std::string text = fmt::format("{:02}:{:02}:{:02}", clock.hours().count(),
                                 clock.minutes().count(), clock.seconds().count());
  if (const auto rest = clock.subseconds().count(); rest != 0) text += fmt::format(".{:03}", rest);
  return text;
}

std::string format_number(double value) {
  return shortest(value);
}
std::string format_number(float value) {
  return shortest(value);
}

std::string to_text(const Cell& cell) {
  if (const auto* text = std::get_if<Text>(&cell)) return std::string(text->view());
  if (const auto* number = std::get_if<double>(&cell)) return format_number(*number);
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "TRUE" : "FALSE";
  if (const auto* date = std::get_if<DateTime>(&cell)) return format(*date);
  if (const auto* time = std::get_if<ClockTime>(&cell)) return format(*time);
  return {};
}

std::optional<std::size_t> Table::find(std::string_view column) const {
  const auto at = std::find(columns.begin(), columns.end(), column);
  if (at == columns.end()) return std::nullopt;
  return static_cast<std::size_t>(at - columns.begin());
}

}  // namespace nicohort
