#include "table/date_time.hpp"

#include <cmath>

namespace nicohort {

namespace {

using std::chrono::days;
using std::chrono::sys_days;
using namespace std::chrono_literals;

constexpr sys_days epoch_1904 = 1904y / 1 / 1;
constexpr sys_days epoch_before_leap_bug = 1899y / 12 / 31;
constexpr sys_days epoch_1900 = 1899y / 12 / 30;
constexpr sys_days after_leap_bug = 1900y / 3 / 1;
constexpr sys_days end_of_time = 10000y / 1 / 1;
constexpr double milliseconds_a_day = 86'400'000;

// Takes exactly `count` digits from the front of the text; -1 if they are not there.
int take_digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (const char digit : text.substr(0, count)) {
    if (digit < '0' || digit > '9') return -1;
    value = value * 10 + (digit - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

// `08:30`, `08:30:00` or `08:30:00.5` from the front of the text, with so many digits of hours.
std::optional<std::chrono::milliseconds> take_time(std::string_view& text,
                                                   std::size_t digits_of_hours) {
  const int hours = take_digits(text, digits_of_hours);
  if (hours < 0 || !take(text, ':')) return std::nullopt;
  const int minutes = take_digits(text, 2);
  if (minutes < 0 || minutes > 59) return std::nullopt;
  std::chrono::milliseconds time = std::chrono::hours(hours) + std::chrono::minutes(minutes);
  if (!take(text, ':')) return time;
  const int seconds = take_digits(text, 2);
  if (seconds < 0 || seconds > 59) return std::nullopt;
  time += std::chrono::seconds(seconds);
  if (!take(text, '.')) return time;
  int digit = take_digits(text, 1);
  if (digit < 0) return std::nullopt;
  for (int weight = 100; digit >= 0; weight /= 10, digit = take_digits(text, 1))
    time += std::chrono::milliseconds(digit * weight);
  return time;
}

}  // namespace

std::optional<DateTime> parse_date_time(std::string_view text) {
  const int year = take_digits(text, 4);
  if (year < 0 || !take(text, '-')) return std::nullopt;
  const int month = take_digits(text, 2);
  if (month < 0 || !take(text, '-')) return std::nullopt;
  const int day = take_digits(text, 2);
  if (day < 0) return std::nullopt;
  DateTime value{std::chrono::year(year) / month / day};
  if (!value.date.ok()) return std::nullopt;
  if (text.empty()) return value;

  if (!take(text, 'T') && !take(text, ' ')) return std::nullopt;
  const auto time = take_time(text, 2);
  if (!time || *time >= days(1)) return std::nullopt;
  value.time = std::chrono::duration_cast<DateTime::Time>(*time);
  take(text, 'Z');
  if (!text.empty()) return std::nullopt;
  return value;
}

std::optional<ClockTime> parse_clock_time(std::string_view text) {
  const std::size_t hours = text.find(':');
  if (hours == std::string_view::npos || hours < 2 || hours > 8) return std::nullopt;
  const auto time = take_time(text, hours);
  if (!time || !text.empty()) return std::nullopt;
  return ClockTime{*time};
}

std::optional<ClockTime> time_from_serial(double serial) {
  if (!(serial >= 0) || serial > 2'958'466) return std::nullopt;
  return ClockTime{std::chrono::milliseconds(std::llround(serial * milliseconds_a_day))};
}

double serial_from_time(const ClockTime& value) {
  return static_cast<double>(value.value.count()) / milliseconds_a_day;
}

std::optional<DateTime> date_from_serial(double serial, DateSystem system) {
  const bool from_1900 = system == DateSystem::from_1900;
  if (!(serial >= (from_1900 ? 1 : 0)) || serial > 2'958'466) return std::nullopt;
  double whole = std::floor(serial);
  double milliseconds = std::round((serial - whole) * milliseconds_a_day);
  if (milliseconds >= milliseconds_a_day) {
    whole += 1;
    milliseconds = 0;
  }
  const sys_days epoch = !from_1900 ? epoch_1904 : whole < 60 ? epoch_before_leap_bug : epoch_1900;
  const sys_days day = epoch + days(static_cast<int>(whole));
  if (day >= end_of_time) return std::nullopt;
  return DateTime{day, DateTime::Time(static_cast<std::int32_t>(milliseconds))};
}

std::optional<double> serial_from_date(const DateTime& value, DateSystem system) {
  const sys_days day = value.date;
  if (day >= end_of_time) return std::nullopt;
  const sys_days epoch = system == DateSystem::from_1904 ? epoch_1904
                         : day < after_leap_bug          ? epoch_before_leap_bug
                                                         : epoch_1900;
  const auto count = (day - epoch).count();
  if (count < (system == DateSystem::from_1904 ? 0 : 1)) return std::nullopt;
  return static_cast<double>(count) + static_cast<double>(value.time.count()) / milliseconds_a_day;
}

}  // namespace nicohort
