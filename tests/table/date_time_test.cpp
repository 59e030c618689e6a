#include "table/date_time.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "table/number_format.hpp"

namespace nicohort {
namespace {

using namespace std::chrono_literals;
constexpr auto from_1900 = DateSystem::from_1900;
constexpr auto from_1904 = DateSystem::from_1904;

TEST(Serial, System1900) {
  EXPECT_EQ(date_from_serial(1, from_1900), DateTime{1900y / 1 / 1});
  EXPECT_EQ(date_from_serial(59, from_1900), DateTime{1900y / 2 / 28});
  EXPECT_EQ(date_from_serial(60, from_1900), DateTime{1900y / 2 / 28});
  EXPECT_EQ(date_from_serial(61, from_1900), DateTime{1900y / 3 / 1});
  EXPECT_EQ(date_from_serial(45351, from_1900), DateTime{2024y / 2 / 29});
  EXPECT_EQ(date_from_serial(2958465, from_1900), DateTime{9999y / 12 / 31});
}

TEST(Serial, System1904) {
  EXPECT_EQ(date_from_serial(0, from_1904), DateTime{1904y / 1 / 1});
  EXPECT_EQ(date_from_serial(43889, from_1904), DateTime{2024y / 2 / 29});
}

TEST(Serial, TimeToTheMillisecond) {
  EXPECT_EQ(date_from_serial(45351.75, from_1900), (DateTime{2024y / 2 / 29, 18h}));
  EXPECT_EQ(date_from_serial(45351.999999999, from_1900), DateTime{2024y / 3 / 1});
}

TEST(Serial, NoDate) {
  for (const double serial : {-1.0, 0.5, 2958466.0, 1e300})
    EXPECT_EQ(date_from_serial(serial, from_1900), std::nullopt) << serial;
  EXPECT_EQ(serial_from_date(DateTime{1899y / 12 / 31}, from_1900), std::nullopt);
  EXPECT_EQ(serial_from_date(DateTime{1903y / 12 / 31}, from_1904), std::nullopt);
}

RC_GTEST_PROP(Serial, RoundTrip, ()) {
  const auto day = *rc::gen::inRange(1462, 2958466);  // 1904-01-01 to 9999-12-31
  const auto time = *rc::gen::inRange(0, 86'400'000);
  const auto system = *rc::gen::element(from_1900, from_1904);
  const DateTime date{std::chrono::sys_days(1899y / 12 / 30) + std::chrono::days(day),
                      std::chrono::milliseconds(time)};
  const auto serial = serial_from_date(date, system);
  RC_ASSERT(serial.has_value());
  RC_ASSERT(date_from_serial(*serial, system) == date);
  RC_ASSERT(parse_date_time(format(date)) == date);
}

TEST(ParseDateTime, Iso) {
  const DateTime minute{2024y / 2 / 29, 9h + 8min};
  EXPECT_EQ(parse_date_time("2024-02-29"), DateTime{2024y / 2 / 29});
  EXPECT_EQ(parse_date_time("2024-02-29T09:08"), minute);
  EXPECT_EQ(parse_date_time("2024-02-29 09:08:00"), minute);
  EXPECT_EQ(parse_date_time("2024-02-29T09:08:00.000Z"), minute);
  EXPECT_EQ(parse_date_time("2024-02-29T09:08:07.1239"),
            (DateTime{2024y / 2 / 29, 9h + 8min + 7s + 123ms}));
  for (const char* text : {"", "2023-02-29", "2024-2-9", "2024-02-29T", "2024-02-29 24:00:00",
                           "2024-02-29 09:60:00", "2024-02-29x", "09:08:07"})
    EXPECT_EQ(parse_date_time(text), std::nullopt) << text;
}

TEST(NumberFormat, CodesOfDates) {
  for (const char* code :
       {"yyyy\\-mm\\-dd", "[$-409]d\\-mmm\\-yy;@", "mmm", "mmmm\\-yy", "DD/MM/YYYY",
        "yyyy\"年\"m\"月\"d\"日\"", "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "aaaa",
        "[$-411]ge\\.m\\.d;@", "m/d", "[Red]m/d/yy"})
    EXPECT_EQ(kind_of_format(code), FormatKind::date) << code;
  for (const char* code : {"yyyy-mm-dd hh:mm:ss", "m/d/yy h:mm", "d.m.yy\\ h:mm\\ AM/PM"})
    EXPECT_EQ(kind_of_format(code), FormatKind::date_with_time) << code;
}

TEST(NumberFormat, CodesOfOtherThings) {
  for (const char* code :
       {"General", "GENERAL", "0.00", "@", "0.00E+00", "##0.0e-0", "0\" days\"", "0\\d",
        "[Red]0;[Yellow]0", "#,##0.00 [$€-407]", "0_d", "*d0", "\"unclosed d", "0;yyyy", ""})
    EXPECT_EQ(kind_of_format(code), FormatKind::other) << code;
}

TEST(NumberFormat, CodesOfTimesAndDurations) {
  for (const char* code : {"h:mm AM/PM", "mm:ss.0", "hh:mm"})
    EXPECT_EQ(kind_of_format(code), FormatKind::time) << code;
  for (const char* code : {"[h]:mm", "[hh]:mm:ss", "[mm]:ss"})
    EXPECT_EQ(kind_of_format(code), FormatKind::duration) << code;
  for (const unsigned id : {18u, 21u, 32u, 33u, 45u, 47u})
    EXPECT_EQ(kind_of_builtin_format(id), FormatKind::time) << id;
  EXPECT_EQ(kind_of_builtin_format(46), FormatKind::duration);
}

TEST(NumberFormat, Builtin) {
  for (const unsigned id : {14u, 15u, 16u, 17u, 27u, 31u, 34u, 36u, 50u, 57u, 58u})
    EXPECT_EQ(kind_of_builtin_format(id), FormatKind::date) << id;
  EXPECT_EQ(kind_of_builtin_format(22), FormatKind::date_with_time);
  for (const unsigned id : {0u, 1u, 11u, 13u, 37u, 49u, 59u})
    EXPECT_EQ(kind_of_builtin_format(id), FormatKind::other) << id;
}

}  // namespace
}  // namespace nicohort
