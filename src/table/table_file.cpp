#include "table/table_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <set>
#include <span>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "table/csv.hpp"
#include "table/json_lines.hpp"
#include "table/unicode.hpp"
#include "table/xlsx_package.hpp"
#include "table/xlsx_put_sheet.hpp"
#include "table/xlsx_read.hpp"
#include "table/xlsx_workbook.hpp"
#include "table/xlsx_write.hpp"

namespace nicohort {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_file_bytes = std::size_t{1} << 30;

bool has_ending(const fs::path& path, const char* ending) {
  return lower_case(path.extension().string()) == ending;
}

bool is_csv(const fs::path& path) {
  return has_ending(path, ".csv");
}

bool is_json_lines(const fs::path& path) {
  return has_ending(path, ".jsonl");
}

std::string read_bytes(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    throw UsageError(path.string() + ": there is no such file; check the name of the table");
  return read_file(path, max_file_bytes);
}

// What is wrong with a table is known where its bytes are read, whose they are only here.
template <typename Function>
auto on_behalf_of(const fs::path& path, Function function) {
  try {
    return function();
  } catch (const BadInput& bad) {
    throw BadInput(path.string(), bad.kind(), bad.what());
  }
}

std::vector<std::string> worksheet_names(const Workbook& workbook) {
  std::vector<std::string> names;
  for (const auto& sheet : workbook.sheets)
    if (sheet.is_worksheet) names.push_back(sheet.name);
  return names;
}

const WorkbookSheet& choose_sheet(const fs::path& path, const Workbook& workbook,
                                  const std::string& name) {
  const auto names = worksheet_names(workbook);
  if (names.empty())
    throw BadInput(ProblemKind::unreadable_file,
                   "the workbook has no worksheet; save the table as .xlsx again");
  const WorkbookSheet* sheet = workbook.find(name.empty() ? names.front() : name);
  if (sheet && sheet->is_worksheet) return *sheet;
  std::string there;
  for (const auto& other : names) there += (there.empty() ? "" : ", ") + other;
  throw UsageError(path.string() + ": has no worksheet \"" + name + "\"; it has " + there);
}

void check_names(std::span<const Sheet> sheets) {
  if (sheets.empty()) throw UsageError("a table file needs at least one worksheet");
  std::set<std::string> names;
  for (const auto& sheet : sheets) {
    if (const auto fault = sheet_name_fault(sheet.name); !fault.empty())
      throw UsageError("worksheet name \"" + sheet.name + "\": " + fault);
    if (!names.insert(lower_case(sheet.name)).second)
      throw UsageError("two worksheets of the name \"" + sheet.name + "\"; rename one");
  }
}

void require_workbook_name(const fs::path& path) {
  if (is_csv(path) || is_json_lines(path))
    throw UsageError(path.string() + ": this file has no worksheets; name an .xlsx workbook");
}

fs::path path_beside(const fs::path& path, const std::string& sheet) {
  std::string name = lower_case(sheet);
  std::replace(name.begin(), name.end(), ' ', '_');
  return path.parent_path() / (path.stem().string() + "." + name + path.extension().string());
}

// A file for each sheet, in a format that has none.
void write_texts(const fs::path& path, std::span<const Sheet> sheets, Access access,
                 std::string (*format)(const Table&)) {
  std::vector<std::unique_ptr<AtomicFile>> files;
  for (const auto& sheet : sheets) {
    const fs::path target = files.empty() ? path : path_beside(path, sheet.name);
    files.push_back(std::make_unique<AtomicFile>(target, access));
    files.back()->write(format(sheet.table));
  }
  for (const auto& file : files) file->commit();
}

void write_sheets(const fs::path& path, std::span<const Sheet> sheets, Access access) {
  check_names(sheets);
  on_behalf_of(path, [&] {
    if (is_csv(path)) {
      write_texts(path, sheets, access, format_csv);
    } else if (is_json_lines(path)) {
      write_texts(path, sheets, access, format_json_lines);
    } else {
      write_file(path, workbook_bytes(sheets), access);
    }
  });
}

}  // namespace

Table read_table(const fs::path& path, const std::string& sheet) {
  return read_table_file(path, sheet).table;
}

ReadTable read_table_file(const fs::path& path, const std::string& sheet) {
  return on_behalf_of(path, [&] {
    std::string bytes = read_bytes(path);
    if (is_csv(path)) return read_csv(bytes);
    if (has_ending(path, ".tsv")) return read_csv(bytes, '\t');
    if (is_json_lines(path)) {
      ReadTable read;
      read.table = parse_json_lines(bytes);
      read.headers = read.table.columns;
      return read;
    }
    const Package package(bytes);
    std::string().swap(bytes);  // the package has its own
    const Workbook workbook = read_workbook(package);
    return read_worksheet(package, workbook, choose_sheet(path, workbook, sheet));
  });
}

std::vector<std::string> sheet_names(const fs::path& path) {
  return on_behalf_of(path, [&] {
    const std::string bytes = read_bytes(path);
    if (is_csv(path) || is_json_lines(path)) return std::vector{path.stem().string()};
    const Package package(bytes);
    return worksheet_names(read_workbook(package));
  });
}

bool begins_as_workbook(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return false;
  std::string begin(4, '\0');
  std::ifstream stream(path, std::ios::binary);
  const bool can_be_read = bool(stream);
  stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return !can_be_read || stream.bad() || begin.starts_with("PK") || begin == "\xd0\xcf\x11\xe0";
}

void write_table(const fs::path& path, const std::vector<Sheet>& sheets, Access access) {
  write_sheets(path, sheets, access);
}

void write_table(const fs::path& path, const Sheet& sheet, Access access) {
  write_sheets(path, std::span(&sheet, 1), access);
}

void write_workbook(const fs::path& path, const Sheet& sheet) {
  require_workbook_name(path);
  check_names(std::span(&sheet, 1));
  on_behalf_of(path, [&] {
    write_file(path, put_sheet_bytes(workbook_bytes(std::span(&sheet, 1)), sheet));
  });
}

void put_sheet(const fs::path& path, const Sheet& sheet) {
  require_workbook_name(path);
  check_names(std::span(&sheet, 1));
  on_behalf_of(path, [&] {
    read_bytes(path);       // a workbook that is not there must not come to be
    AtomicFile file(path);  // from here on nobody else changes it
    file.write(put_sheet_bytes(read_bytes(path), sheet));
    file.commit();
  });
}

void edit_sheet(const fs::path& path, const std::string& sheet,
                const std::function<Table(Table)>& edit) {
  require_workbook_name(path);
  const Sheet empty{sheet, {}};
  check_names(std::span(&empty, 1));
  on_behalf_of(path, [&] {
    AtomicFile file(path);  // from here on nobody else changes it
    std::error_code error;
    if (fs::exists(path, error)) {
      const std::string bytes = read_bytes(path);
      const Package package(bytes);
      const Workbook workbook = read_workbook(package);
      ReadTable old = read_worksheet(package, workbook, choose_sheet(path, workbook, sheet));
      if (const std::string what = text_of(old.without_value); !what.empty())
        throw BadInput(ProblemKind::table, what);  // they would be gone
      file.write(put_sheet_bytes(bytes, {sheet, edit(std::move(old.table))}));
    } else {
      const Sheet edited{sheet, edit({})};
      file.write(workbook_bytes(std::span(&edited, 1)));
    }
    file.commit();
  });
}

std::string sheet_name_fault(std::string_view name) {
  if (!is_utf8(name)) return "Excel allows only Unicode; write it as UTF-8";
  if (name.find_first_not_of(" \t\r\n") == std::string_view::npos)
    return "Excel requires a name; give one";
  if (utf16_length(name) > 31) return "Excel allows at most 31 characters; shorten it";
  if (name.find_first_of("[]:*?/\\") != std::string_view::npos)
    return "Excel does not allow [ ] : * ? / \\; leave them out";
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }))
    return "Excel does not allow control characters; leave them out";
  if (name.starts_with('\'') || name.ends_with('\''))
    return "Excel does not allow an apostrophe at either end; leave it out";
  if (lower_case(name) == "history") return "Excel reserves this name; choose another";
  return {};
}

void require_sheet_name(const std::string& name) {
  if (std::string fault = sheet_name_fault(name); !fault.empty())
    throw UsageError(fmt::format("--sheet_name {}: {}", name, fault));
}

}  // namespace nicohort
