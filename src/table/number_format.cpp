#include "table/number_format.hpp"

#include "table/unicode.hpp"

namespace nicohort {

FormatKind kind_of_format(std::string_view code) {
  if (lower_case(code.substr(0, 7)) == "general") return FormatKind::other;
  bool date = false, month = false, clock = false, elapsed = false;
  for (std::size_t i = 0; i < code.size() && code[i] != ';'; ++i) {
    const char next = i + 1 < code.size() ? code[i + 1] : '\0';
    switch (code[i]) {
      case '"':
        i = code.find('"', i + 1);
        break;
      case '[':  // a colour, condition, locale, or [h], [mm], [ss]: hours and more, never a date
        if (next == 'h' || next == 'H' || next == 'm' || next == 'M' || next == 's' || next == 'S')
          elapsed = elapsed || code.substr(i + 2, 1) == "]" || code.substr(i + 3, 1) == "]";
        i = code.find(']', i + 1);
        break;
      case '\\':  // the next character as it is, as a blank of its width, or repeated
      case '_':
      case '*':
        ++i;
        break;
      case 'e':  // a year of an era; in 0.00E+00 an exponent
      case 'E':
        date = date || (next != '+' && next != '-');
        break;
      case 'a':  // AM/PM and A/P are times, aaa is a weekday
      case 'A':
        if (lower_case(code.substr(i, 5)) == "am/pm") {
          clock = true;
          i += 4;
        } else if (lower_case(code.substr(i, 3)) == "a/p") {
          clock = true;
          i += 2;
        } else {
          date = date || lower_case(code.substr(i, 3)) == "aaa";
        }
        break;
      case 'd':
      case 'D':
      case 'y':
      case 'Y':
        date = true;
        break;
      case 'm':
      case 'M':
        month = true;
        break;
      case 'h':
      case 'H':
      case 's':
      case 'S':
        clock = true;
        break;
      default:
        break;
    }
    if (i == std::string_view::npos) break;  // a quote or bracket that nothing closes
  }
  if (date) return clock || elapsed ? FormatKind::date_with_time : FormatKind::date;
  if (elapsed) return FormatKind::duration;
  if (clock) return FormatKind::time;
  return month ? FormatKind::date : FormatKind::other;
}

FormatKind kind_of_builtin_format(unsigned id) {
  if (id == 22) return FormatKind::date_with_time;
  if (id == 46) return FormatKind::duration;
  if ((id >= 18 && id <= 21) || id == 32 || id == 33 || id == 45 || id == 47)
    return FormatKind::time;
  const bool east_asian = (id >= 27 && id <= 36 && id != 32 && id != 33) || (id >= 50 && id <= 58);
  return (id >= 14 && id <= 17) || east_asian ? FormatKind::date : FormatKind::other;
}

}  // namespace nicohort
