#include "table/xlsx_read.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/problem.hpp"
#include "fixtures.hpp"
#include "table/table_file.hpp"
#include "table/xlsx_text.hpp"

namespace nicohort {
namespace {

using namespace std::literals;
using namespace std::chrono_literals;
using Rows = std::vector<std::vector<Cell>>;

class XlsxRead : public ::testing::Test {
 protected:
  Table read(const std::map<std::string, std::string>& parts, const std::string& sheet = {}) {
    return read_table(folder_.write("t.xlsx", zip_of(parts)), sheet);
  }
  // The message of the BadInput that reading these bytes gives.
  std::string failure(const std::string& bytes) {
    try {
      read_table(folder_.write("t.xlsx", bytes));
    } catch (const BadInput& bad) {
      EXPECT_EQ(bad.subject(), (folder_ / "t.xlsx").string());
      return bad.what();
    }
    return "read without complaint";
  }
  std::string failure_of_cells(const std::string& sheet_data) {
    return failure(zip_of(minimal_parts(sheet_data)));
  }
  TemporaryFolder folder_;
};

const std::string header = R"(<row r="1"><c r="A1" t="inlineStr"><is><t>h</t></is></c></row>)";

TEST_F(XlsxRead, CellTypes) {
  const std::map<std::string, Cell> cells = {
      {R"(<c r="A2"><v>189003440</v></c>)", 189003440.0},
      {R"(<c r="A2" t="n"><f>1+1</f><v> 2 </v></c>)", 2.0},
      {R"(<c r="A2" t="str"><f>"a"</f><v>0012</v></c>)", "0012"s},
      {R"(<c r="A2" t="b"><v>1</v></c>)", true},
      {R"(<c r="A2" t="b"><v>0</v></c>)", false},
      {R"(<c r="A2" t="d"><v>2024-02-29T06:00:00</v></c>)", DateTime{2024y / 2 / 29, 6h}},
      {R"(<c r="A2" t="inlineStr"><is><r><t>a </t></r><r><rPr><b/></rPr><t>b</t></r><rPh><t>x</t></rPh></is></c>)",
       "a b"s},
      {R"(<c r="A2" t="inlineStr"><is><t>a_x000D_b_x005F_x0041_</t></is></c>)", "a\rb_x0041_"s},
      {R"(<c r="A2"><v>1E-3</v></c>)", 0.001},
  };
  for (const auto& [xml, value] : cells)
    EXPECT_EQ(read(minimal_parts(header + "<row r=\"2\">" + xml + "</row>")).rows, (Rows{{value}}))
        << xml;
}

TEST_F(XlsxRead, PlacesAreOptionalAndSparse) {
  const Table table =
      read(minimal_parts("<row/><row><c t=\"str\"><v>a</v></c><c/><c "
                         "t=\"str\"><v>a</v></c></row><row r=\"9\"><c r=\"B9\"><v>1</v></c>"
                         "<c><v>2</v></c></row>"));
  EXPECT_EQ(table.columns, (std::vector{"a"s, "Unnamed: 1"s, "a.1"s}));
  EXPECT_EQ(table.rows, (Rows{{Cell{}, 1.0, 2.0}}));
}

TEST_F(XlsxRead, NamesThatStandInTheHeaderStay) {
  const Table table =
      read(minimal_parts("<row><c t=\"str\"><v>a</v></c><c t=\"str\"><v>a</v></c><c "
                         "t=\"str\"><v>a.1</v></c><c><v>7</v></c></row>"));
  EXPECT_EQ(table.columns, (std::vector{"a"s, "a.2"s, "a.1"s, "7"s}));
}

TEST_F(XlsxRead, SharedStringsAndPrefixesAndCaseOfParts) {
  auto parts = minimal_parts("");
  parts["xl/SharedStrings.XML"] =
      "<x:sst "
      "xmlns:x=\"m\"><x:si><x:t>h</x:t></x:si><x:si><x:r><x:t>\xC3\xA9</x:t></x:r><x:r><x:t> "
      "1</x:t>"
      "</x:r><x:phoneticPr/></x:si></x:sst>";
  parts["xl/worksheets/sheet1.xml"] =
      "<x:worksheet xmlns:x=\"m\"><x:sheetData><x:row><x:c "
      "t=\"s\"><x:v>0</x:v></x:c></x:row><x:row>"
      "<x:c t=\"s\"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>";
  const Table table = read(parts);
  EXPECT_EQ(table.columns, std::vector{"h"s});
  EXPECT_EQ(table.rows, (Rows{{"\xC3\xA9 1"s}}));
}

TEST_F(XlsxRead, DatesBySystemAndFormat) {
  auto parts = minimal_parts(
      header + R"(<row><c s="1"><v>43889</v></c></row><row><c s="2"><v>43889.5</v></c></row>)"
               R"(<row><c s="0"><v>43889</v></c></row><row><c s="3"><v>1.5</v></c></row>)");
  parts["xl/styles.xml"] =
      R"(<styleSheet xmlns="m"><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd hh:mm"/></numFmts>)"
      R"(<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf/><xf numFmtId="14"/>)"
      R"(<xf numFmtId="164"/><xf numFmtId="46"/></cellXfs></styleSheet>)";
  EXPECT_EQ(read(parts).rows, (Rows{{DateTime{2020y / 2 / 28}},
                                    {DateTime{2020y / 2 / 28, 12h}},
                                    {43889.0},
                                    {ClockTime{36h}}}));
  auto& workbook = parts["xl/workbook.xml"];
  workbook.insert(workbook.find("<sheets>"), "<workbookPr date1904=\"true\"/>");
  EXPECT_EQ(read(parts).rows, (Rows{{DateTime{2024y / 2 / 29}},
                                    {DateTime{2024y / 2 / 29, 12h}},
                                    {43889.0},
                                    {ClockTime{36h}}}));
}

TEST_F(XlsxRead, FormulasWithoutAValueAreCounted) {
  const TemporaryFolder folder;
  const auto path = folder.write(
      "t.xlsx",
      zip_of(minimal_parts(header + R"(<row r="2"><c r="A2"><f>1+1</f><v>2</v></c>)"
                                    R"(<c r="AB2"><f>1+1</f><v></v></c></row>)"
                                    R"(<row><c><f>1+1</f></c></row>)"
                                    R"(<row><c t="str"><f>""</f><v></v></c><c s="1"/></row>)")));
  const ReadTable read = read_table_file(path, "S");
  EXPECT_EQ(read.without_value.formulas, 2u);
  EXPECT_EQ(read.without_value.first_formula, "AB2");
  EXPECT_EQ(read.without_value.errors, 0u);
}

TEST_F(XlsxRead, ErrorsAreEmptyAndCounted) {
  const auto path = folder_.write(
      "t.xlsx",
      zip_of(minimal_parts(header + R"(<row r="2"><c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c>)"
                                    R"(<c r="B2"><v>1</v></c></row>)"
                                    R"(<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>)"
                                    R"(<row r="4"><c r="A4" t="str"><v>#N/A</v></c></row>)")));
  const ReadTable read = read_table_file(path);
  EXPECT_EQ(read.table.rows, (Rows{{Cell(), 1.0}, {"#N/A"s, Cell()}}));
  EXPECT_EQ(text_of(read.without_value),
            "has 2 cells with an error, the first in A2 (#DIV/0!), which count as empty; correct "
            "what they are calculated from, or clear them");
}

// XlsxWriter cannot calculate: it writes 0, and that all is to be calculated.
TEST_F(XlsxRead, AZeroThatIsToBeCalculatedIsNoValue) {
  auto parts = minimal_parts(header + R"(<row r="2"><c r="A2"><f>1+1</f><v>0</v></c></row>)"
                                      R"(<row r="3"><c r="A3"><f>1+1</f><v>2</v></c></row>)"
                                      R"(<row r="4"><c r="A4"><v>0</v></c></row>)");
  EXPECT_EQ(read(parts).rows, (Rows{{0.0}, {2.0}, {0.0}}));
  auto& workbook = parts["xl/workbook.xml"];
  workbook.insert(workbook.find("</workbook>"), "<calcPr calcId=\"1\" fullCalcOnLoad=\"1\"/>");
  EXPECT_EQ(read(parts).rows, (Rows{{2.0}, {0.0}}));
  EXPECT_EQ(read_table_file(folder_ / "t.xlsx").without_value.first_formula, "A2");
}

TEST_F(XlsxRead, RowsAndColumnsAsTheWorksheetHasThem) {
  auto parts = minimal_parts(
      R"(<row r="3"><c r="B3" t="str"><v>PID</v></c></row>)"
      R"(<row r="7"><c r="B7"><v>1</v></c><c r="D7"><v>2</v></c></row><row r="10"><c r="B10"><v>3</v></c></row>)"
      R"(<row r="11"><c r="B11"><v>4</v></c></row>)");
  auto& workbook = parts["xl/workbook.xml"];
  workbook.replace(workbook.find("name=\"S\""), 8, "name=\"S\" state=\"hidden\"");
  const ReadTable table = read_table_file(folder_.write("t.xlsx", zip_of(parts)));
  EXPECT_EQ(table.header_row, 3u);
  EXPECT_EQ(table.unheaded, std::vector{"D"s});
  EXPECT_EQ(table.table.row_in_file(1), 10u);
  EXPECT_EQ(table.place_of({3}), "row 3 of the hidden worksheet S");
  EXPECT_EQ(table.place_of({3, 7, 8, 9, 11, 13, 15, 16}),
            "rows 3, 7 to 9, 11, 13 and 2 more of the hidden worksheet S");
}

// Compare test_tables.py, where openpyxl says what such cells are.
TEST_F(XlsxRead, TimesOfDayAndDurations) {
  auto parts = minimal_parts(header + R"(<row><c s="1"><v>0.3541666666666667</v></c></row>)"
                                      R"(<row><c s="2"><v>0.3541666666666667</v></c></row>)"
                                      R"(<row><c s="2"><v>45352.354166666664</v></c></row>)"
                                      R"(<row><c s="1"><v>45352.354166666664</v></c></row>)"
                                      R"(<row><c s="3"><v>1.2604166666666667</v></c></row>)"
                                      R"(<row><c s="3"><v>-1</v></c></row>)");
  parts["xl/styles.xml"] =
      R"(<styleSheet xmlns="m"><cellXfs><xf/><xf numFmtId="14"/><xf numFmtId="20"/>)"
      R"(<xf numFmtId="46"/></cellXfs></styleSheet>)";
  EXPECT_EQ(read(parts).rows, (Rows{{ClockTime{8h + 30min}},
                                    {ClockTime{8h + 30min}},
                                    {DateTime{2024y / 3 / 1, 8h + 30min}},
                                    {DateTime{2024y / 3 / 1, 8h + 30min}},
                                    {ClockTime{30h + 15min}},
                                    {-1.0}}));
}

TEST_F(XlsxRead, EmptyTextIsNoCell) {
  EXPECT_EQ(
      read(minimal_parts(header + R"(<row><c t="str"><v></v></c></row><row><c s="1"/></row>)"))
          .rows,
      Rows{});
  EXPECT_EQ(read(minimal_parts("")), Table{});
}

TEST_F(XlsxRead, SheetsByName) {
  const auto parts = minimal_parts(header);
  EXPECT_EQ(read(parts, "S").columns, std::vector{"h"s});
  EXPECT_EQ(read(parts, "s").columns, std::vector{"h"s});
  try {
    read(parts, "Other");
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr(": has no worksheet \"Other\"; it has S"));
  }
  EXPECT_THROW(read_table(folder_ / "none.xlsx"), UsageError);
  EXPECT_THROW(sheet_names(folder_ / "none.csv"), UsageError);
}

TEST_F(XlsxRead, DamagedCells) {
  EXPECT_THAT(failure_of_cells(R"(<row r="1048577"/>)"), ::testing::HasSubstr("1,048,576"));
  EXPECT_THAT(failure_of_cells(R"(<row r="0"/>)"), ::testing::HasSubstr("1,048,576"));
  EXPECT_THAT(failure_of_cells(R"(<row><c r="XFE1"/></row>)"), ::testing::HasSubstr("XFE1"));
  EXPECT_THAT(failure_of_cells(R"(<row><c r="AAAAAAAAAA1"/></row>)"),
              ::testing::HasSubstr("not within"));
  EXPECT_THAT(failure_of_cells(R"(<row><c r="1"/></row>)"), ::testing::HasSubstr("not within"));
  EXPECT_THAT(failure_of_cells(R"(<row><c t="s"><v>0</v></c></row>)"),
              ::testing::HasSubstr("column 1"));
  EXPECT_THAT(failure_of_cells(R"(<row><c t="s"><v>-1</v></c></row>)"),
              ::testing::HasSubstr("text number -1"));
  EXPECT_THAT(failure_of_cells(R"(<row><c><v>abc</v></c></row>)"),
              ::testing::HasSubstr("not a number"));
  EXPECT_THAT(failure_of_cells("<row>"), ::testing::HasSubstr("mismatched tag"));
}

TEST_F(XlsxRead, EntitiesAreRefused) {
  auto parts = minimal_parts("");
  parts["xl/worksheets/sheet1.xml"] =
      R"(<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]><worksheet><sheetData/></worksheet>)";
  EXPECT_THAT(failure(zip_of(parts)), ::testing::HasSubstr("document type"));
}

TEST_F(XlsxRead, FilesOfAnotherKind) {
  EXPECT_THAT(failure("a,b\n1,2\n"), ::testing::HasSubstr("not an Excel workbook"));
  EXPECT_THAT(failure(""), ::testing::HasSubstr("not an Excel workbook"));
  const std::string ole = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
  EXPECT_THAT(failure(ole + "Workbook"), ::testing::HasSubstr(".xls"));
  EXPECT_THAT(failure(ole + "E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0"s),
              ::testing::HasSubstr("password"));
  EXPECT_THAT(failure(zip_of({{"mimetype", "application/vnd.oasis.opendocument.spreadsheet"}})),
              ::testing::HasSubstr("OpenDocument"));
  EXPECT_THAT(failure(zip_of({{"a.txt", "a"}})), ::testing::HasSubstr("not an Excel workbook"));
}

TEST_F(XlsxRead, EveryTruncationIsDamage) {
  const std::string whole = zip_of(minimal_parts(header));
  for (std::size_t length = 2; length < whole.size(); length += 7)
    EXPECT_THAT(failure(whole.substr(0, length)), ::testing::HasSubstr("damaged")) << length;
}

TEST_F(XlsxRead, EveryFlippedByteIsReadOrReported) {
  const std::string whole = zip_of(minimal_parts(header));
  const Table expected = read_table(folder_.write("t.xlsx", whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bytes = whole;
    bytes[i] = static_cast<char>(bytes[i] ^ 0x20);
    try {  // a byte of the directory that says nothing about the content may differ; content may
           // not
      EXPECT_EQ(read_table(folder_.write("t.xlsx", bytes)), expected) << i;
    } catch (const BadInput&) {
    }
  }
}

TEST_F(XlsxRead, CellsThatWouldFillTheMemory) {
  // 16,384 columns in one row, and rows of one cell each: a table of 8 billion cells.
  std::string data = "<row>";
  for (int i = 0; i < 16384; ++i) data += "<c><v>1</v></c>";
  data += "</row>";
  for (int i = 0; i < 500'000; ++i) data += "<row><c><v>1</v></c></row>";
  EXPECT_THAT(failure_of_cells(data), ::testing::HasSubstr("4 GB"));
}

TEST(CellText, Escapes) {
  EXPECT_EQ(decode_cell_text("_xD83D__xDE00_"), "\xF0\x9F\x98\x80");
  EXPECT_EQ(decode_cell_text("_xD83D_ _x00e9_ _x00g0_ _x_ _x005F_xD83D_"),
            "_xD83D_ \xC3\xA9 _x00g0_ _x_ _xD83D_");
  EXPECT_EQ(encode_cell_text("a\rb\x01 _x0041_ <&>"),
            "a_x000D_b_x0001_ _x005F_x0041_ &lt;&amp;&gt;");
  EXPECT_EQ(encode_cell_text(std::string(32'767, 'a')).size(), 32'767u);
  EXPECT_THROW(encode_cell_text(std::string(32'768, 'a')), BadInput);
  EXPECT_THROW(encode_cell_text("\xC0\x80"), BadInput);
}

}  // namespace
}  // namespace nicohort
