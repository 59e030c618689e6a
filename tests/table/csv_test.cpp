#include "table/csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using namespace std::literals;
using std::chrono_literals::operator""y;
using Rows = std::vector<std::vector<Cell>>;

std::string failure(std::string_view text) {
  try {
    parse_csv(text);
  } catch (const BadInput& bad) {
    return bad.what();
  }
  return "read without complaint";
}

TEST(Csv, ErrorsOfSpreadsheetsAreEmpty) {
  const ReadTable read = read_csv("a,b\n#N/A,1\n\"#N/A\",#DIV/0!\n#1,2\n");
  EXPECT_EQ(read.table.rows, (Rows{{Cell(), 1.0}, {"#N/A"s, Cell()}, {"#1"s, 2.0}}));
  EXPECT_EQ(read.without_value.errors, 2u);
  EXPECT_EQ(read.without_value.first_error, "A2 (#N/A)");
  EXPECT_EQ(parse_csv(format_csv(read.table)), read.table);
}

TEST(Csv, TypesByTheWayTheyAreWritten) {
  const Table table = parse_csv("a,b,c,d,e,f\n12,0012,TRUE,2024-02-29,\"12\",1.50\n");
  EXPECT_EQ(table.rows, (Rows{{12.0, "0012"s, true, DateTime{2024y / 2 / 29}, "12"s, "1.50"s}}));
}

TEST(Csv, TextThatOnlyLooksLikeAValue) {
  for (const char* text : {"+1", "1e5", "1.0", " 1", "1 ", "nan", "inf", "0x10", "true", "-0",
                           "2024-02-30", "2024-02-29T10:00:00", "=1+1", "1_000", ".5", "00"})
    EXPECT_EQ(parse_csv("a\n"s + text + "\n").rows, (Rows{{std::string(text)}})) << text;
}

TEST(Csv, LineEndsQuotesAndMark) {
  const Rows expected{{"x,\"y\"\r\nz"s, 1.0}, {"w"s, 2.0}};
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const std::string lines = "a,b" + end + "\"x,\"\"y\"\"\r\nz\",1" + end + "w,2";
    EXPECT_EQ(parse_csv(lines).rows, expected);
    EXPECT_EQ(parse_csv("\xEF\xBB\xBF" + lines + end).rows, expected);
    EXPECT_EQ(parse_csv("\xEF\xBB\xBF" + lines).columns, (std::vector{"a"s, "b"s}));
  }
}

TEST(Csv, OtherSeparators) {
  EXPECT_EQ(parse_csv("a;b\n1;2,5\n").rows, (Rows{{1.0, "2,5"s}}));
  EXPECT_EQ(parse_csv("a\tb\n1\t2\n").rows, (Rows{{1.0, 2.0}}));
  EXPECT_EQ(parse_csv("\"a;b\"\n1\n").columns, std::vector{"a;b"s});
  EXPECT_EQ(parse_csv("a;b,c\n1,2\n").columns, (std::vector{"a;b"s, "c"s}));
  EXPECT_EQ(parse_csv("\"a,b\";c\n1;2\n").columns, (std::vector{"a,b"s, "c"s}));
  EXPECT_EQ(parse_csv("name, first;age;sex\nx, y;1;m\n").columns,
            (std::vector{"name, first"s, "age"s, "sex"s}));
  EXPECT_EQ(parse_csv("a,b\tc\td\n1,2\t3\t4\n").columns, (std::vector{"a,b"s, "c"s, "d"s}));
  EXPECT_EQ(read_csv("a,b,c\n", '\t').table.columns, std::vector{"a,b,c"s});
  EXPECT_EQ(parse_csv("sep=;\r\na;b\r\n1;2\r\n").rows, (Rows{{1.0, 2.0}}));
}

TEST(Csv, HeaderAndEmptyCells) {
  const Table table = parse_csv("\n,,\na,,a,\n1,2,3,\n,,,\n4\n");
  EXPECT_EQ(table.columns, (std::vector{"a"s, "Unnamed: 1"s, "a.1"s}));
  EXPECT_EQ(table.rows, (Rows{{1.0, 2.0, 3.0}, {4.0, Cell{}, Cell{}}}));
  EXPECT_EQ(parse_csv(""), Table{});
  EXPECT_EQ(parse_csv("a,b\n").columns, (std::vector{"a"s, "b"s}));
}

TEST(Csv, DamageNamesTheLine) {
  EXPECT_THAT(failure("a,b\n1,2\n1,2,3\n"), ::testing::HasSubstr("line 3"));
  EXPECT_THAT(failure("a,b\n\"x\ny\",2\n1,2,3\n"), ::testing::HasSubstr("line 4"));
  EXPECT_THAT(failure("a\n1\n\"x\n"), ::testing::HasSubstr("line 3"));
  EXPECT_THAT(failure("a\n\"x\"y\n"), ::testing::HasSubstr("line 2"));
  EXPECT_THAT(failure("a\n\xE9t\xE9\n"), ::testing::HasSubstr("line 2"));
  EXPECT_THAT(failure("\xFF\xFE"
                      "a\0\n\0"s),
              ::testing::HasSubstr("UTF-8"));
  EXPECT_THAT(failure("a\0\n\0"s), ::testing::HasSubstr("UTF-8"));
}

TEST(Csv, WritesQuotesOnlyWhereNeeded) {
  const Table table{
      {"id", "a,b"},
      {{"0012"s, "12"s}, {"plain text"s, "TRUE"s}, {12.0, 1.0 / 0.0}, {true, "x\ny"s}}};
  EXPECT_EQ(format_csv(table),
            "id,\"a,b\"\n0012,\"12\"\nplain text,\"TRUE\"\n12,\nTRUE,\"x\ny\"\n");
  EXPECT_EQ(format_csv({{"a;b"}, {}}), "\"a;b\"\n");
  const Table semicolons{{"a;b;c", "d"}, {{1.0, 2.0}}};
  EXPECT_EQ(parse_csv(format_csv(semicolons)), semicolons);
  EXPECT_THROW(format_csv({{"\xE9"}, {}}), BadInput);
}

}  // namespace
}  // namespace nicohort
