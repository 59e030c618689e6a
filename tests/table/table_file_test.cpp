#include "table/table_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>

#include "base/problem.hpp"
#include "fixtures.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using namespace std::literals;
using namespace std::chrono_literals;
using ::testing::ElementsAre;

// Text of any characters, among them some that look like something else.
rc::Gen<std::string> any_text() {
  const auto characters = rc::gen::map(
      rc::gen::nonEmpty(rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
          rc::gen::inRange<std::uint32_t>(1, 0x80), rc::gen::inRange<std::uint32_t>(0x80, 0xD800),
          rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)))),
      [](const std::vector<std::uint32_t>& numbers) {
        std::string text;
        for (const auto number : numbers) append_utf8(text, number);
        return text;
      });
  const auto look_alikes = rc::gen::element("0012"s, "12"s, "TRUE"s, "2024-02-29"s, "08:30:00"s,
                                            "=1+1"s, "_x0041_"s, "#N/A"s, " a "s, "\r\n"s, "a;b"s,
                                            "a\tb"s, "\xEF\xBB\xBF"s, "sep=;"s, "1e5"s);
  return rc::gen::oneOf(characters, look_alikes);
}

rc::Gen<Cell> any_cell() {
  const auto number = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [](std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return Cell(std::isfinite(value) && std::abs(value) > 1e-300 ? value : 0.1);
  });
  const auto whole =
      rc::gen::map(rc::gen::arbitrary<int>(), [](int value) { return Cell(double(value)); });
  const auto date =
      rc::gen::map(rc::gen::pair(rc::gen::inRange(2, 2958466),
                                 rc::gen::oneOf(rc::gen::just(0), rc::gen::inRange(0, 86'400'000))),
                   [](std::pair<int, int> parts) {
                     return Cell(DateTime{
                         std::chrono::sys_days(1899y / 12 / 30) + std::chrono::days(parts.first),
                         std::chrono::milliseconds(parts.second)});
                   });
  const auto text =
      rc::gen::map(any_text(), [](std::string value) { return Cell(std::move(value)); });
  const auto truth =
      rc::gen::map(rc::gen::arbitrary<bool>(), [](bool value) { return Cell(value); });
  const auto time = rc::gen::map(rc::gen::inRange<int>(0, 2'000'000'000), [](int milliseconds) {
    return Cell(ClockTime{std::chrono::milliseconds(milliseconds)});
  });
  return rc::gen::oneOf(rc::gen::just(Cell{}), text, number, whole, date, time, truth);
}

// A table without rows that are all empty: these are left out on reading.
Table any_table() {
  Table table;
  table.columns = *rc::gen::nonEmpty(rc::gen::unique<std::vector<std::string>>(any_text()));
  const auto count = *rc::gen::inRange(0, 12);
  for (int i = 0; i < count; ++i) {
    auto row = *rc::gen::container<std::vector<Cell>>(table.columns.size(), any_cell());
    if (std::any_of(row.begin(), row.end(), [](const Cell& cell) { return !is_empty(cell); }))
      table.rows.push_back(std::move(row));
  }
  return table;
}

RC_GTEST_PROP(RoundTrip, Xlsx, ()) {
  const TemporaryFolder folder;
  const Table table = any_table();
  write_table(folder / "t.xlsx", {{"T", table}});
  RC_ASSERT(read_table(folder / "t.xlsx") == table);
}

RC_GTEST_PROP(RoundTrip, Csv, ()) {
  const TemporaryFolder folder;
  const Table table = any_table();
  write_table(folder / "t.csv", {{"T", table}});
  RC_ASSERT(read_table(folder / "t.csv") == table);
}

RC_GTEST_PROP(RoundTrip, PutSheet, ()) {
  const TemporaryFolder folder;
  const Table first = any_table(), second = any_table(), third = any_table();
  write_table(folder / "t.xlsx", {{"A", first}});
  put_sheet(folder / "t.xlsx", {"B", second});
  put_sheet(folder / "t.xlsx", {"C", third});
  put_sheet(folder / "t.xlsx", {"A", second});
  RC_ASSERT(sheet_names(folder / "t.xlsx") == (std::vector<std::string>{"A", "B", "C"}));
  RC_ASSERT(read_table(folder / "t.xlsx", "A") == second);
  RC_ASSERT(read_table(folder / "t.xlsx", "B") == second);
  RC_ASSERT(read_table(folder / "t.xlsx", "C") == third);
}

TEST(WriteTable, SameBytes_SPEC2) {
  const TemporaryFolder folder;
  const std::vector<Sheet> sheets{{"A", {{"id", "d"}, {{"0012"s, DateTime{2024y / 2 / 29}}}}},
                                  {"B b", {{"x"}, {}}}};
  write_table(folder / "1.xlsx", sheets);
  const char* zone = std::getenv("TZ");
  const std::string before = zone ? zone : "";
  ::setenv("TZ", "Asia/Shanghai", 1);
  ::tzset();
  write_table(folder / "2.xlsx", sheets);
  zone ? ::setenv("TZ", before.c_str(), 1) : ::unsetenv("TZ");
  ::tzset();
  EXPECT_EQ(bytes_of(folder / "1.xlsx"), bytes_of(folder / "2.xlsx"));
  EXPECT_THAT(sheet_names(folder / "1.xlsx"), ElementsAre("A", "B b"));
}

TEST(WriteTable, SheetsAsCsvFiles) {
  const TemporaryFolder folder;
  write_table(folder / "t.CSV", {{"A", {{"x"}, {{1.0}}}}, {"Small Regions", {{"y"}, {{2.0}}}}});
  EXPECT_EQ(bytes_of(folder / "t.CSV"), "x\n1\n");
  EXPECT_EQ(bytes_of(folder / "t.small_regions.CSV"), "y\n2\n");
  EXPECT_THAT(sheet_names(folder / "t.CSV"), ElementsAre("t"));
}

TEST(WriteTable, WhatAWorksheetCannotHold) {
  const TemporaryFolder folder;
  const auto path = folder.write("t.xlsx", "old");
  EXPECT_THROW(write_table(path, {{"T", {{"x"}, {{std::string(32'768, 'a')}}}}}), BadInput);
  EXPECT_THROW(write_table(path, {{"T", {std::vector<std::string>(16'385, "x"), {}}}}), BadInput);
  EXPECT_THROW(write_table(path, {{"T", {{"x"}, std::vector(1'048'576, std::vector<Cell>(1))}}}),
               BadInput);
  EXPECT_THROW(write_table(path, {{"a/b", {{"x"}, {}}}}), UsageError);
  EXPECT_THROW(write_table(path, {{"T", {{"x"}, {}}}, {"t", {{"x"}, {}}}}), UsageError);
  EXPECT_THROW(write_table(path, std::vector<Sheet>()), UsageError);
  EXPECT_EQ(bytes_of(path), "old");
}

TEST(WriteTable, WhatExcelCannotCountIsEmptyOrText) {
  const TemporaryFolder folder;
  write_table(folder / "t.xlsx", {{"T", {{"x", "y"}, {{1.0 / 0.0, DateTime{1850y / 1 / 2}}}}}});
  EXPECT_THAT(read_table(folder / "t.xlsx").rows,
              ElementsAre(ElementsAre(Cell{}, Cell{"1850-01-02"s})));
}

TEST(SheetName, WhatExcelRefuses) {
  for (const char* name :
       {"", "  ", "a/b", "a\\b", "a:b", "a*", "a?", "[a", "a]", "'a", "a'", "History", "HISTORY",
        "12345678901234567890123456789012", "a\nb", "\xE9"})
    EXPECT_NE(sheet_name_fault(name), "") << name;
  for (const char* name :
       {"Manifest", "a'b", "1234567890123456789012345678901", "肿瘤", "Small Regions 300.0"})
    EXPECT_EQ(sheet_name_fault(name), "") << name;
}

TEST(PutSheet, RefusesWithoutHarm) {
  const TemporaryFolder folder;
  const auto broken = folder.write("t.xlsx", "PK but no zip");
  EXPECT_THROW(put_sheet(broken, {"T", {{"x"}, {}}}), BadInput);
  EXPECT_EQ(bytes_of(broken), "PK but no zip");
  EXPECT_THROW(put_sheet(folder / "none.xlsx", {"T", {{"x"}, {}}}), UsageError);
  EXPECT_THROW(put_sheet(folder / "t.csv", {"T", {{"x"}, {}}}), UsageError);
  EXPECT_THROW(put_sheet(broken, {"a/b", {{"x"}, {}}}), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder / "none.xlsx"));
}

TEST(PutSheet, PrefixesStrictNamesAndDeclarationsOnTheSheet) {
  const TemporaryFolder folder;
  auto parts = minimal_parts("");
  const std::string strict = "http://purl.oclc.org/ooxml/officeDocument/relationships";
  parts["xl/workbook.xml"] =
      "<x:workbook xmlns:x=\"m\"><x:sheets><x:sheet xmlns:q=\"" + strict +
      "\" name=\"S\" sheetId=\"4\" q:id=\"rId1\"></x:sheet></x:sheets></x:workbook>";
  parts["xl/_rels/workbook.xml.rels"] =
      "<p:Relationships xmlns:p=\"m\"><p:Relationship Id=\"rId1\" Type=\"" + strict +
      "/worksheet\" Target=\"/xl/worksheets/sheet1.xml\"/></p:Relationships>";
  const auto path = folder.write("t.xlsx", zip_of(parts));
  const Table table{{"x"}, {{1.0}}};
  put_sheet(path, {"a & \"b\"", table});
  EXPECT_THAT(sheet_names(path), ElementsAre("S", "a & \"b\""));
  EXPECT_EQ(read_table(path, "A & \"B\""), table);
  const Package package(bytes_of(path));
  std::string expected = parts["xl/workbook.xml"];
  expected.insert(expected.find("</x:sheets>"),
                  "<x:sheet xmlns:q=\"" + strict +
                      "\" name=\"a &amp; &quot;b&quot;\" sheetId=\"5\" q:id=\"rId2\"/>");
  EXPECT_EQ(package.read("xl/workbook.xml"), expected);
  EXPECT_THAT(package.read("xl/_rels/workbook.xml.rels"),
              ::testing::HasSubstr("<p:Relationship Id=\"rId2\" Type=\"" + strict +
                                   "/worksheet\" Target="));
  EXPECT_THAT(package.read("xl/worksheets/sheet2.xml"),
              ::testing::HasSubstr("http://purl.oclc.org/ooxml/spreadsheetml/main"));
}

TEST(PutSheet, ReplacingChangesNoOtherPartButTheNameIfItDiffers) {
  const TemporaryFolder folder;
  auto parts = minimal_parts("<row><c t=\"str\"><v>old</v></c></row>");
  const auto path = folder.write("t.xlsx", zip_of(parts));
  put_sheet(path, {"s", {{"new"}, {}}});
  const Package package(bytes_of(path));
  auto& workbook = parts["xl/workbook.xml"];
  workbook.replace(workbook.find("\"S\""), 3, "\"s\"");
  parts.erase("xl/worksheets/sheet1.xml");
  for (const auto& [name, content] : parts) EXPECT_EQ(package.read(name), content) << name;
  EXPECT_EQ(read_table(path).columns, std::vector{"new"s});
}

TEST(PutSheet, SameBytesHoweverOften_SPEC2) {
  const TemporaryFolder folder;
  const Sheet sheet{"S", {{"x"}, {{"text"s}}}}, other{"S", {{"y", "z"}, {{1.0, 2.0}, {3.0, 4.0}}}};
  const auto expect_the_same_again = [&](const std::filesystem::path& path) {
    put_sheet(path, sheet);
    const std::string once = bytes_of(path);
    put_sheet(path, sheet);
    EXPECT_EQ(bytes_of(path), once);
    put_sheet(path, other);
    EXPECT_NE(bytes_of(path), once);
    put_sheet(path, sheet);
    EXPECT_EQ(bytes_of(path), once);
  };
  write_table(folder / "new.xlsx", {{"A", {{"x"}, {}}}, {"B", {{"x"}, {}}}});
  expect_the_same_again(folder / "new.xlsx");
  const std::string old = "<row><c t=\"str\"><f>1</f><v>old</v></c></row>";
  expect_the_same_again(folder.write("replaced.xlsx", zip_of(minimal_parts(old))));
}

TEST(PutSheet, AWorksheetOfAnySizeThatItWroteItself) {
  const TemporaryFolder folder;
  const auto path = folder / "t.xlsx";
  write_table(path, {{"Manifest", {{"x"}, {}}}});
  Table table{{"x"}, {}};
  for (int i = 0; i < 1050; ++i) table.rows.push_back({std::string(32'000, 'x')});
  put_sheet(path, {"s", table});  // 34 MB of XML
  const std::string once = bytes_of(path);
  put_sheet(path, {"s", table});
  EXPECT_EQ(bytes_of(path), once);
  EXPECT_EQ(read_table(path, "s"), table);
}

TEST(PutSheet, DatesByTheWorkbooksOwnStyle) {
  const TemporaryFolder folder;
  const Table table{{"d"}, {{DateTime{2024y / 2 / 29}}}};
  auto parts = minimal_parts("");
  put_sheet(folder.write("no.xlsx", zip_of(parts)), {"T", table});
  EXPECT_THAT(read_table(folder / "no.xlsx", "T").rows,
              ElementsAre(ElementsAre(Cell{"2024-02-29"s})));
  parts["xl/styles.xml"] =
      R"(<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>)";
  auto& workbook = parts["xl/workbook.xml"];
  workbook.insert(workbook.find("<sheets>"), "<workbookPr date1904=\"1\"/>");
  put_sheet(folder.write("with.xlsx", zip_of(parts)), {"T", table});
  EXPECT_EQ(read_table(folder / "with.xlsx", "T"), table);
}

}  // namespace
}  // namespace nicohort
