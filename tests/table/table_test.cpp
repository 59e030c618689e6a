#include "table/table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <charconv>
#include <cmath>
#include <cstring>

namespace nicohort {
namespace {

using namespace std::chrono_literals;

TEST(FormatNumber, IdentifiersAreIntegers_SPEC2) {
  EXPECT_EQ(format_number(189003440.0), "189003440");
  EXPECT_EQ(format_number(9007199254740992.0), "9007199254740992");
  EXPECT_EQ(format_number(-12.0), "-12");
  EXPECT_EQ(format_number(1e16), "10000000000000000");
}

TEST(FormatNumber, FewestDigits_SPEC3) {
  EXPECT_EQ(format_number(0.8f), "0.8");
  EXPECT_EQ(format_number(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(format_number(-0.0), "0");
  EXPECT_EQ(format_number(1e-7), "1e-07");
}

TEST(ToText, OfEveryType) {
  EXPECT_EQ(to_text(Cell{}), "");
  EXPECT_EQ(to_text(Cell{std::string("0012")}), "0012");
  EXPECT_EQ(to_text(Cell{189003440.0}), "189003440");
  EXPECT_EQ(to_text(Cell{true}), "TRUE");
  EXPECT_EQ(to_text(Cell{DateTime{2024y / 2 / 29}}), "2024-02-29");
  EXPECT_EQ(to_text(Cell{DateTime{2024y / 2 / 29, 9h + 8min + 7s}}), "2024-02-29 09:08:07");
  EXPECT_EQ(to_text(Cell{DateTime{2024y / 2 / 29, 5ms}}), "2024-02-29 00:00:00.005");
}

TEST(Table, FindsColumns) {
  const Table table{{"a", "b"}, {}};
  EXPECT_EQ(table.find("b"), 1u);
  EXPECT_EQ(table.find("c"), std::nullopt);
}

RC_GTEST_PROP(FormatNumber, GivesBackTheDouble, (std::uint64_t bits)) {
  double value = 0;
  std::memcpy(&value, &bits, sizeof value);
  RC_PRE(std::isfinite(value));
  const std::string text = format_number(value);
  double back = 0;
  std::from_chars(text.data(), text.data() + text.size(), back);
  RC_ASSERT(back == value);
}

}  // namespace
}  // namespace nicohort
