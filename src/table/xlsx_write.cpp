#include "table/xlsx_write.hpp"

#include <fmt/format.h>

#include "table/xlsx_package.hpp"
#include "table/xlsx_sheet.hpp"
#include "table/xml.hpp"

namespace nicohort {

namespace {

constexpr std::string_view declaration =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
constexpr std::string_view main_namespace =
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
constexpr std::string_view office_relationship =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view package_schemas = "http://schemas.openxmlformats.org/package/2006";
constexpr std::string_view package_type = "application/vnd.openxmlformats-package";
constexpr std::string_view spreadsheet_type =
    "application/vnd.openxmlformats-officedocument.spreadsheetml";

// Cell styles, by index: 0 plain, 1 header, 2 date, 3 date with time, 4 duration.
constexpr std::size_t header_style = 1, date_style = 2, date_time_style = 3, duration_style = 4;
constexpr std::string_view styles =
    R"(<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">)"
    R"(<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>)"
    R"(<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd\ hh:mm:ss"/></numFmts>)"
    R"(<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>)"
    R"(<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>)"
    R"(<fills count="2"><fill><patternFill patternType="none"/></fill>)"
    R"(<fill><patternFill patternType="gray125"/></fill></fills>)"
    R"(<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>)"
    R"(<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>)"
    R"(<cellXfs count="5"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>)"
    R"(<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>)"
    R"(<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>)"
    R"(<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>)"
    R"(<xf numFmtId="46" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>)"
    R"(<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>)";

// A date, as programs expect one, but never today's; and nobody's name.
constexpr std::string_view core_properties =
    R"(<cp:coreProperties )"
    R"(xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" )"
    R"(xmlns:dcterms="http://purl.org/dc/terms/" )"
    R"(xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">)"
    R"(<dcterms:created xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:created>)"
    R"(<dcterms:modified xsi:type="dcterms:W3CDTF">2000-01-01T00:00:00Z</dcterms:modified>)"
    R"(</cp:coreProperties>)";

std::string content_type(std::string_view part, std::string_view family, std::string_view kind) {
  return fmt::format(R"(<Override PartName="/{}" ContentType="{}.{}+xml"/>)", part, family, kind);
}

std::string relationship(std::size_t number, std::string_view family, std::string_view kind,
                         std::string_view target) {
  return fmt::format(R"(<Relationship Id="rId{}" Type="{}/{}" Target="{}"/>)", number, family, kind,
                     target);
}

// A relationships part of these elements.
std::string relationships(std::string_view elements) {
  return fmt::format(R"(<Relationships xmlns="{}/relationships">{}</Relationships>)",
                     package_schemas, elements);
}

}  // namespace

std::string workbook_bytes(std::span<const Sheet> sheets) {
  std::string types = fmt::format(R"(<Types xmlns="{}/content-types">)", package_schemas);
  types += fmt::format(R"(<Default Extension="rels" ContentType="{}.relationships+xml"/>)",
                       package_type);
  types += R"(<Default Extension="xml" ContentType="application/xml"/>)";
  types += content_type("xl/workbook.xml", spreadsheet_type, "sheet.main");
  types += content_type("xl/styles.xml", spreadsheet_type, "styles");
  types += content_type("docProps/core.xml", package_type, "core-properties");
  std::string workbook = fmt::format(
      R"(<workbook xmlns="{}" xmlns:r="{}"><bookViews><workbookView/></bookViews><sheets>)",
      main_namespace, office_relationship);
  std::string links;
  for (std::size_t i = 1; i <= sheets.size(); ++i) {
    const std::string target = fmt::format("worksheets/sheet{}.xml", i);
    types += content_type("xl/" + target, spreadsheet_type, "worksheet");
    workbook += fmt::format(R"(<sheet name="{0}" sheetId="{1}" r:id="rId{1}"/>)",
                            escape_xml(sheets[i - 1].name), i);
    links += relationship(i, office_relationship, "worksheet", target);
  }
  types += "</Types>";
  workbook += "</sheets></workbook>";
  links += relationship(sheets.size() + 1, office_relationship, "styles", "styles.xml");
  const std::string roots =
      relationship(1, office_relationship, "officeDocument", "xl/workbook.xml") +
      relationship(2, fmt::format("{}/relationships/metadata", package_schemas), "core-properties",
                   "docProps/core.xml");

  Package package;
  const auto put = [&](const std::string& part, std::string_view content) {
    package.put(part, std::string(declaration).append(content));
  };
  put("[Content_Types].xml", types);
  put("_rels/.rels", relationships(roots));
  put("docProps/core.xml", core_properties);
  put("xl/workbook.xml", workbook);
  put("xl/_rels/workbook.xml.rels", relationships(links));
  put("xl/styles.xml", styles);
  for (std::size_t i = 0; i < sheets.size(); ++i) {
    SheetSettings settings;
    settings.selected = i == 0;
    settings.header_style = header_style;
    settings.date_style = date_style;
    settings.date_time_style = date_time_style;
    settings.duration_style = duration_style;
    package.put(fmt::format("xl/worksheets/sheet{}.xml", i + 1),
                worksheet_xml(sheets[i].table, settings));
  }
  return std::move(package).finish();
}

}  // namespace nicohort
