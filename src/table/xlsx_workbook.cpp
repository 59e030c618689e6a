#include "table/xlsx_workbook.hpp"

#include <charconv>
#include <map>

#include "base/problem.hpp"
#include "table/unicode.hpp"
#include "table/xml.hpp"

namespace nicohort {

namespace {

unsigned long to_number(std::string_view text) {
  unsigned long value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

bool is_set(const XmlElement& element, std::string_view attribute) {
  const auto flag = element.get(attribute).value_or("0");
  return flag == "1" || flag == "true" || flag == "on";
}

std::string find_workbook_part(const Package& package) {
  for (const auto& relationship : package.relationships("")) {
    if (!relationship.is("officeDocument")) continue;
    if (relationship.target.ends_with(".bin"))
      throw BadInput(ProblemKind::unreadable_file,
                     "a binary workbook (.xlsb); open it in Excel and save it as .xlsx");
    if (package.has(relationship.target)) return relationship.target;
  }
  if (package.has("mimetype"))
    throw BadInput(
        ProblemKind::unreadable_file,
        "not an Excel workbook but an OpenDocument file or e-book; save the table as .xlsx");
  throw BadInput(ProblemKind::unreadable_file,
                 "a zip file, but not an Excel workbook; save the table as .xlsx");
}

}  // namespace

const WorkbookSheet* Workbook::find(std::string_view name) const {
  for (const auto& sheet : sheets)
    if (sheet.name == name) return &sheet;
  const std::string folded = lower_case(name);
  for (const auto& sheet : sheets)
    if (lower_case(sheet.name) == folded) return &sheet;
  return nullptr;
}

Workbook read_workbook(const Package& package) {
  Workbook workbook;
  workbook.part = find_workbook_part(package);

  XmlEvents events;
  bool in_sheets = false;
  events.start = [&](const XmlElement& element) {
    if (element.name == "workbookPr") {
      if (is_set(element, "date1904")) workbook.dates = DateSystem::from_1904;
    } else if (element.name == "calcPr") {
      workbook.calculates_on_load = is_set(element, "fullCalcOnLoad");
    } else if (element.name == "sheets") {
      in_sheets = true;
    } else if (element.name == "sheet" && in_sheets) {
      WorkbookSheet sheet;
      sheet.name = element.get("name").value_or("");
      sheet.id = to_number(element.get("sheetId").value_or("0"));
      sheet.relationship = element.get_prefixed("id").value_or("");
      sheet.is_hidden = element.get("state").value_or("visible") != "visible";
      sheet.begin = element.begin;
      sheet.end = element.end;
      workbook.sheets.push_back(std::move(sheet));
    }
  };
  events.end = [&](std::string_view name, std::size_t, std::size_t end) {
    if (name == "sheets") in_sheets = false;
    if (name == "sheet" && in_sheets) workbook.sheets.back().end = end;
  };
  parse_xml(package.read(workbook.part), std::move(events));

  for (const auto& relationship : package.relationships(workbook.part)) {
    if (!package.has(relationship.target)) continue;
    if (relationship.is("styles")) workbook.styles = relationship.target;
    if (relationship.is("sharedStrings")) workbook.shared_strings = relationship.target;
    for (auto& sheet : workbook.sheets) {
      if (sheet.relationship != relationship.id) continue;
      sheet.part = relationship.target;
      sheet.is_worksheet = relationship.is("worksheet");
    }
  }
  return workbook;
}

std::vector<FormatKind> read_cell_formats(const Package& package, const Workbook& workbook) {
  std::vector<FormatKind> kinds;
  if (!workbook.styles) return kinds;
  std::map<unsigned long, FormatKind> custom;
  bool in_formats = false, in_cell_styles = false;
  XmlEvents events;
  events.start = [&](const XmlElement& element) {
    const auto id = to_number(element.get("numFmtId").value_or("0"));
    if (element.name == "numFmts") {
      in_formats = true;
    } else if (element.name == "cellXfs") {
      in_cell_styles = true;
    } else if (element.name == "numFmt" && in_formats) {
      custom[id] = kind_of_format(element.get("formatCode").value_or(""));
    } else if (element.name == "xf" && in_cell_styles) {
      const auto at = custom.find(id);
      kinds.push_back(at != custom.end() ? at->second
                                         : kind_of_builtin_format(static_cast<unsigned>(id)));
    }
  };
  events.end = [&](std::string_view name, std::size_t, std::size_t) {
    if (name == "numFmts") in_formats = false;
    if (name == "cellXfs") in_cell_styles = false;
  };
  parse_xml(package.read(*workbook.styles), std::move(events));
  return kinds;
}

}  // namespace nicohort
