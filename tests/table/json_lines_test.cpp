#include "table/json_lines.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

using namespace std::literals;
using std::chrono_literals::operator""y;
using testing::TemporaryFolder;

std::string fault_of_lines(std::string_view text) {
  try {
    parse_json_lines(text);
  } catch (const BadInput& bad) {
    return bad.what();
  }
  return "read without complaint";
}

TEST(JsonLines, EachCellHasItsType) {
  const double endless = std::numeric_limits<double>::infinity();
  const Table table{{"pid", "a \"b\""},
                    {{"0012"s, 189003440.0},
                     {"=1+1 \n\t\x01ü"s, 0.1},
                     {true, Cell()},
                     {DateTime{2024y / 2 / 29}, endless}}};
  EXPECT_EQ(format_json_lines(table),
            "{\"pid\": \"0012\", \"a \\\"b\\\"\": 189003440}\n"
            "{\"pid\": \"=1+1 \\n\\t\\u0001ü\", \"a \\\"b\\\"\": 0.1}\n"
            "{\"pid\": true, \"a \\\"b\\\"\": null}\n"
            "{\"pid\": \"2024-02-29\", \"a \\\"b\\\"\": null}\n");
}

TEST(JsonLines, WhatIsWrittenIsReadAgain) {
  const Table table{{"a", "b"}, {{"0012"s, 1.5}, {false, Cell()}, {Cell(), -3.0}}};
  EXPECT_EQ(parse_json_lines(format_json_lines(table)), table);
  EXPECT_EQ(parse_json_lines("").rows.size(), 0u);
}

TEST(JsonLines, KeysThatComeLaterAndBlankLines) {
  const Table table = parse_json_lines("{\"a\": 1}\r\n\n{\"b\": \"x\"}");
  EXPECT_EQ(table, (Table{{"a", "b"}, {{1.0, Cell()}, {Cell(), "x"s}}}));
  EXPECT_EQ(table.row_in_file(1), 3u);
}

TEST(JsonLines, WhatIsNoRowNamesItsLine) {
  EXPECT_EQ(fault_of_lines("{\"a\": 1}\n{\"a\": "), "line 2: no valid JSON");
  EXPECT_EQ(fault_of_lines("[1]\n"), "line 1: it is no JSON object");
  EXPECT_EQ(fault_of_lines("{\"a\": 1}\n{\"a\": [1]}\n"), "line 2: a value is a list or an object");
  EXPECT_EQ(fault_of_lines("{\"a\": \"\xFF\"}\n"), "line 1: no valid JSON");
}

TEST(JsonLines, TextThatIsNotUtf8IsNotWritten) {
  EXPECT_THROW(format_json_lines({{"a"}, {{"\xFF"s}}}), BadInput);
}

TEST(JsonLines, AFileByItsEnding) {
  const TemporaryFolder folder;
  const Table table{{"a"}, {{"0012"s}}};
  write_table(folder.path() / "t.jsonl", {{"t", table}});
  EXPECT_EQ(read_table(folder.path() / "t.jsonl"), table);
  EXPECT_EQ(sheet_names(folder.path() / "t.jsonl"), std::vector{"t"s});
}

}  // namespace
}  // namespace nicohort
