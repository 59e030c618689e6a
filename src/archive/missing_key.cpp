#include "archive/missing_key.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/near_miss.hpp"
#include "base/problem.hpp"
#include "base/wording.hpp"
#include "table/folded.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

// The header that the table has instead, and in what it differs; empty: there is none.
std::string near_header(const std::string& column, const MetadataFile& opened) {
  const std::string wanted = folded(column);
  for (const std::string& header : opened.headers)
    if (folded(header) == wanted)
      return fmt::format(" (it has `{}`, which differs only by {})", header,
                         small_difference(column, header));
  const std::string near = near_miss(column, opened.headers);
  return near.empty() ? "" : fmt::format(" (it has `{}`)", near);
}

// The first row below the header that has the column's name in a cell.
std::string later_header(const std::string& column, const MetadataFile& opened) {
  constexpr std::size_t most_rows = 100;
  const std::string wanted = folded(column);
  const Table& table = opened.table;
  for (std::size_t r = 0; r < std::min(table.rows.size(), most_rows); ++r)
    for (const Cell& cell : table.rows[r])
      if (folded(to_text(cell)) == wanted)
        return fmt::format(
            ", but row {} has `{}`: the first row with a cell must be the header, so remove what "
            "is above this one",
            table.row_in_file(r), to_text(cell));
  return "";
}

// Other worksheets with the column in their header, or one of nearly the same name.
std::string other_sheets(const std::string& column, const MetadataFile& opened,
                         const std::filesystem::path& path) {
  const std::string wanted = folded(column);
  std::vector<std::string> sheets;
  for (const std::string& sheet : sheet_names(path)) try {
      if (sheet == opened.sheet) continue;
      const auto headers = read_table_file(path, sheet).headers;
      const auto near =
          std::find_if(headers.begin(), headers.end(),
                       [&](const std::string& header) { return folded(header) == wanted; });
      if (is_among(column, headers))
        sheets.push_back(sheet);
      else if (near != headers.end())
        sheets.push_back(fmt::format("{} (as `{}`)", sheet, *near));
    } catch (const BadInput&) {  // one that is damaged has not been asked for
    }
  if (sheets.empty()) return "";
  return fmt::format(
      ", but the worksheet{} {} {}: name it with `sheet` in the recipe, or make it the first",
      sheets.size() == 1 ? "" : "s", fmt::join(sheets, ", "),
      sheets.size() == 1 ? "has it" : "have it");
}

// What stands there shows whether it was cut at the right separators.
std::string columns_there(const MetadataFile& opened) {
  if (opened.headers.empty()) return "";
  std::vector<std::string> quoted;
  for (const std::string& header : opened.headers) quoted.push_back("`" + header + "`");
  return fmt::format(" (it has {})", some_of(quoted, 5));
}

}  // namespace

std::string missing_key(const std::string& column, const MetadataFile& opened,
                        const std::filesystem::path& path, bool shows_cells) {
  std::string text = fmt::format("has no key column `{}`", column);
  if (opened.headers.empty())
    text = fmt::format("{}, and so {}",
                       opened.sheet.empty()
                           ? "is empty"
                           : fmt::format("has no cell in the worksheet {}", opened.sheet),
                       text);
  if (opened.header_row > 0) text += " in " + opened.place_of({opened.header_row});
  std::string instead = near_header(column, opened);
  if (instead.empty() && opened.header_row > 0) instead = later_header(column, opened);
  if (instead.empty() && !opened.sheet.empty()) instead = other_sheets(column, opened, path);
  if (instead.empty() && opened.sheet.empty() && shows_cells) instead = columns_there(opened);
  return text + instead;
}

}  // namespace nicohort
