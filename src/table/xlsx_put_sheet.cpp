#include "table/xlsx_put_sheet.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <set>

#include "base/problem.hpp"
#include "table/unicode.hpp"
#include "table/xlsx_package.hpp"
#include "table/xlsx_sheet.hpp"
#include "table/xlsx_workbook.hpp"
#include "table/xml.hpp"

namespace nicohort {

namespace {

constexpr const char* content_types_part = "[Content_Types].xml";
constexpr std::string_view worksheet_content_type =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml";
constexpr std::string_view relationships_transitional =
    "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
constexpr std::string_view relationships_strict =
    "http://purl.oclc.org/ooxml/officeDocument/relationships";
constexpr const char* main_strict = "http://purl.oclc.org/ooxml/spreadsheetml/main";

// A part in which single elements are put in or taken out, all other bytes staying.
class TextEdit {
 public:
  explicit TextEdit(std::string text) : text_(std::move(text)) {
    // Where things are is known in bytes, what is put in is ASCII or UTF-8.
    if (text_.starts_with("\xFF\xFE") || text_.starts_with("\xFE\xFF"))
      throw BadInput(ProblemKind::unreadable_file,
                     "the workbook's XML is UTF-16; open it in Excel and save it again");
  }

  const std::string& original() const { return text_; }

  void replace(std::size_t begin, std::size_t end, std::string by) {
    edits_.push_back({begin, end, std::move(by)});
  }

  bool changed() const { return !edits_.empty(); }

  std::string result() {
    std::sort(edits_.begin(), edits_.end(),
              [](const Edit& a, const Edit& b) { return a.begin > b.begin; });
    for (const auto& edit : edits_) text_.replace(edit.begin, edit.end - edit.begin, edit.by);
    return text_;
  }

 private:
  struct Edit {
    std::size_t begin, end;
    std::string by;
  };
  std::string text_;
  std::vector<Edit> edits_;
};

// The prefix of a qualified name with its colon, or nothing.
std::string prefix_of(std::string_view qualified) {
  return std::string(qualified.substr(0, qualified.size() - local_name(qualified).size()));
}

// Puts an element, given without prefix, behind the last child of the document's root.
void append_to_root(TextEdit& edit, const std::string& element) {
  std::string prefix;
  int depth = 0;
  XmlEvents events;
  events.start = [&](const XmlElement& started) {
    if (depth++ == 0) prefix = prefix_of(started.qualified);
  };
  events.end = [&](std::string_view, std::size_t begin, std::size_t end) {
    if (--depth > 0) return;
    if (begin == end)
      throw BadInput(ProblemKind::unreadable_file,
                     "the workbook is damaged: a list of its parts is empty; get a good copy");
    edit.replace(begin, begin, fmt::format("<{}{}", prefix, element));
  };
  parse_xml(edit.original(), std::move(events));
}

// Takes out the content types of parts that are gone.
void remove_content_types(TextEdit& edit, const std::set<std::string>& parts) {
  std::size_t begin = 0;
  bool gone = false;
  XmlEvents events;
  events.start = [&](const XmlElement& element) {
    gone = element.name == "Override" &&
           parts.contains(canonical_part(element.get("PartName").value_or("")));
    begin = element.begin;
  };
  events.end = [&](std::string_view name, std::size_t, std::size_t end) {
    if (gone && name == "Override") edit.replace(begin, end, "");
    gone = false;
  };
  parse_xml(edit.original(), std::move(events));
}

// All parts that can be reached from a part by relationships, itself among them.
void collect_reachable(const Package& package, const std::string& part,
                       std::set<std::string>& reached) {
  std::vector<std::string> open{part};
  while (!open.empty()) {
    const std::string next = std::move(open.back());
    open.pop_back();
    if (!next.empty() && (!package.has(next) || !reached.insert(canonical_part(next)).second))
      continue;
    for (auto& relationship : package.relationships(next))
      if (!relationship.target.empty()) open.push_back(std::move(relationship.target));
  }
}

// Puts another value into an attribute of the element that stands at [begin, end).
void replace_attribute(TextEdit& edit, std::size_t begin, std::size_t end,
                       std::string_view attribute, const std::string& value) {
  const std::string_view tag = std::string_view(edit.original()).substr(begin, end - begin);
  // Attributes follow a blank; values are skipped, so that a look-alike in one of them is not
  // taken.
  for (std::size_t i = tag.find_first_of(" \t\r\n"); i < tag.size();) {
    const std::size_t equals = tag.find('=', i);
    if (equals == std::string_view::npos) return;
    const std::size_t open = tag.find_first_of("\"'", equals);
    const std::size_t close = tag.find(tag[open], open + 1);
    std::string_view name = tag.substr(i, equals - i);
    name.remove_prefix(std::min(name.find_first_not_of(" \t\r\n"), name.size()));
    name = name.substr(0, name.find_last_not_of(" \t\r\n") + 1);
    if (name == attribute) {
      edit.replace(begin + open, begin + close + 1, fmt::format("\"{}\"", escape_xml(value)));
      return;
    }
    i = close + 1;
  }
}

// The prefix under which a sheet has its relationship: `r:` in `r:id`.
std::string relationship_prefix(const XmlElement& sheet) {
  for (const char** a = sheet.attributes; *a; a += 2)
    if (std::string prefix = prefix_of(a[0]); !prefix.empty() && local_name(a[0]) == "id")
      return prefix;
  return "r:";
}

// `<x:sheet>` for a new worksheet, with the names and namespaces that the last one uses.
std::string sheet_element(const std::string& workbook_xml, const WorkbookSheet& sibling,
                          std::string_view relationships_namespace, const std::string& name,
                          unsigned long id, const std::string& relationship) {
  std::string element;
  XmlEvents events;
  events.start = [&](const XmlElement& sheet) {
    if (sheet.begin != sibling.begin) return;
    element = fmt::format("<{}", sheet.qualified);
    // Namespaces may be declared on the sheet itself. That of r:id is declared again in any case.
    const std::string id_prefix = relationship_prefix(sheet);
    const std::string declares_id =
        fmt::format("xmlns:{}", id_prefix.substr(0, id_prefix.size() - 1));
    for (const char** a = sheet.attributes; *a; a += 2) {
      const std::string_view attribute = a[0];
      if (attribute == "xmlns" || (attribute.starts_with("xmlns:") && attribute != declares_id))
        element += fmt::format(R"( {}="{}")", attribute, escape_xml(a[1]));
    }
    element += fmt::format(R"( {}="{}" name="{}" sheetId="{}" {}id="{}"/>)", declares_id,
                           relationships_namespace, escape_xml(name), id, id_prefix, relationship);
  };
  parse_xml(workbook_xml, std::move(events));
  return element;
}

SheetSettings settings_for(const Package& package, const Workbook& workbook, bool strict) {
  SheetSettings settings;
  settings.dates = workbook.dates;
  if (strict) settings.main_namespace = main_strict;
  const auto formats = read_cell_formats(package, workbook);
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (formats[i] == FormatKind::date && !settings.date_style) settings.date_style = i;
    if (formats[i] == FormatKind::date_with_time && !settings.date_time_style)
      settings.date_time_style = i;
    if (formats[i] == FormatKind::time && !settings.time_style) settings.time_style = i;
    if (formats[i] == FormatKind::duration && !settings.duration_style) settings.duration_style = i;
  }
  return settings;
}

void add_sheet(Package& package, const Workbook& workbook, const Sheet& sheet, bool strict) {
  const std::string rels_part = relationships_part(workbook.part);
  const auto relationships = package.relationships(workbook.part);
  const std::string directory = workbook.part.substr(0, workbook.part.rfind('/') + 1);

  std::string local_part;
  for (unsigned i = 1; local_part.empty() || package.has(directory + local_part); ++i)
    local_part = fmt::format("worksheets/sheet{}.xml", i);
  std::string id;
  const auto taken = [&](const Relationship& other) { return other.id == id; };
  for (unsigned i = 1; id.empty() || std::any_of(relationships.begin(), relationships.end(), taken);
       ++i)
    id = fmt::format("rId{}", i);
  unsigned long sheet_id = 0;
  for (const auto& other : workbook.sheets) sheet_id = std::max(sheet_id, other.id);
  const auto relationships_namespace = strict ? relationships_strict : relationships_transitional;

  TextEdit list(package.read(workbook.part)), links(package.read(rels_part)),
      types(package.read(content_types_part));
  const auto& last = workbook.sheets.back();
  list.replace(
      last.end, last.end,
      sheet_element(list.original(), last, relationships_namespace, sheet.name, sheet_id + 1, id));
  append_to_root(links, fmt::format(R"(Relationship Id="{}" Type="{}/worksheet" Target="{}"/>)", id,
                                    relationships_namespace, local_part));
  append_to_root(types, fmt::format(R"(Override PartName="/{}" ContentType="{}"/>)",
                                    directory + local_part, worksheet_content_type));

  const SheetSettings settings = settings_for(package, workbook, strict);
  package.put(workbook.part, list.result());
  package.put(rels_part, links.result());
  package.put(content_types_part, types.result());
  package.put(directory + local_part, worksheet_xml(sheet.table, settings));
}

// What of a worksheet's look stays when its table is replaced: whether its tab is the one that is
// shown, and the style of the first row. Returns whether it has formulas.
bool keep_look(const Package& package, const std::string& part, SheetSettings& settings) {
  bool has_formulas = false;
  XmlEvents events;
  events.start = [&](const XmlElement& element) {
    has_formulas = has_formulas || element.name == "f";
    if (element.name == "sheetView" && element.get("tabSelected").value_or("") == "1")
      settings.selected = true;
    if (element.name != "c" || element.get("r").value_or("") != "A1") return;
    const std::string style(element.get("s").value_or(""));
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(style.data(), style.data() + style.size(), index);
    if (error == std::errc() && end == style.data() + style.size()) settings.header_style = index;
  };
  package.parse(part, std::move(events));
  return has_formulas;
}

void replace_sheet(Package& package, const Workbook& workbook, const WorkbookSheet& old,
                   const Sheet& sheet, bool strict) {
  const std::string rels_part = relationships_part(workbook.part);
  TextEdit list(package.read(workbook.part)), links(package.read(rels_part)),
      types(package.read(content_types_part));
  if (old.name != sheet.name) replace_attribute(list, old.begin, old.end, "name", sheet.name);

  std::set<std::string> gone;
  SheetSettings settings = settings_for(package, workbook, strict);
  // The order in which formulas are calculated; Excel makes it anew where it is missing.
  if (keep_look(package, old.part, settings)) {
    for (const auto& relationship : package.relationships(workbook.part)) {
      if (!relationship.is("calcChain")) continue;
      links.replace(relationship.begin, relationship.end, "");
      gone.insert(canonical_part(relationship.target));
    }
  }

  std::set<std::string> before, after;
  collect_reachable(package, "", before);
  if (package.has(relationships_part(old.part))) package.remove(relationships_part(old.part));
  package.put(old.part, worksheet_xml(sheet.table, settings));
  collect_reachable(package, "", after);
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::inserter(gone, gone.end()));

  remove_content_types(types, gone);
  for (const auto& part : gone) {
    if (package.has(part)) package.remove(part);
    if (package.has(relationships_part(part))) package.remove(relationships_part(part));
  }
  if (list.changed()) package.put(workbook.part, list.result());
  if (links.changed()) package.put(rels_part, links.result());
  if (types.changed()) package.put(content_types_part, types.result());
}

}  // namespace

std::string put_sheet_bytes(std::string_view bytes, const Sheet& sheet) {
  Package package(bytes);
  const Workbook workbook = read_workbook(package);
  if (workbook.sheets.empty())
    throw BadInput(ProblemKind::unreadable_file,
                   "the workbook has no worksheet; open it in Excel and save it again");
  bool strict = false;
  for (const auto& relationship : package.relationships(workbook.part))
    strict = strict ||
             (relationship.is("worksheet") && relationship.type.starts_with(relationships_strict));

  const WorkbookSheet* old = workbook.find(sheet.name);
  if (old && (!old->is_worksheet || old->part.empty()))
    throw UsageError("\"" + old->name +
                     "\" in the workbook is not a worksheet; choose another name");
  if (old) {
    replace_sheet(package, workbook, *old, sheet, strict);
  } else {
    add_sheet(package, workbook, sheet, strict);
  }
  return std::move(package).finish();
}

}  // namespace nicohort
