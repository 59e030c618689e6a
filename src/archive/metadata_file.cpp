#include "archive/metadata_file.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "table/csv.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Format = MetadataTable::Format;

constexpr std::size_t most_bytes = std::size_t{1} << 28;

std::string_view trimmed(std::string_view text) {
  constexpr const char* blanks = " \t\r";
  const std::size_t begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? ""
             : text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string read_text(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    throw UsageError(path.string() + ": there is no such file; check the name of the table");
  std::string text = read_file(path, most_bytes);
  if (!is_utf8(text) || text.find('\0') != std::string::npos)
    throw BadInput(ProblemKind::unreadable_file,
                   "is not text in UTF-8; save it as UTF-8, without compression");
  if (text.starts_with("\xEF\xBB\xBF")) text.erase(0, 3);
  return text;
}

// BIDS has `n/a` where there is no value.
void clear_not_available(Table& table) {
  for (auto& row : table.rows)
    for (Cell& cell : row)
      if (cell == Cell("n/a")) cell = Cell();
}

}  // namespace

MetadataFile parse_key_values(std::string_view text) {
  Grid grid;
  std::uint32_t column = 0;
  std::size_t line = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view entry = trimmed(text.substr(begin, end - begin));
    begin = end + 1;
    ++line;
    if (entry.empty() || entry.front() == '#') continue;
    const std::size_t colon = entry.find(':');
    const std::string_view key = trimmed(entry.substr(0, std::min(colon, entry.size())));
    if (colon == std::string_view::npos || key.empty())
      throw BadInput(ProblemKind::metadata,
                     fmt::format("line {} is not `key: value`; correct it", line));
    grid.set(0, column, std::string(key));
    grid.set(1, column, value_of_text(trimmed(entry.substr(colon + 1))));
    ++column;
  }
  MetadataFile file{std::move(grid).to_table()};
  file.header_row = 0;
  // A file that has keys is a row, also where no key has a value.
  if (column > 0 && file.table.rows.empty()) file.table.rows.emplace_back(file.headers.size());
  return file;
}

MetadataFile read_metadata_file(const fs::path& path, const MetadataTable& how) {
  switch (how.format) {
    case Format::json_text:
      return blaming(path.string(), [&] { return parse_metadata_json(read_text(path), how); });
    case Format::key_value:
      return blaming(path.string(), [&] { return parse_key_values(read_text(path)); });
    case Format::workbook:
    case Format::csv:
      break;
  }
  MetadataFile file{read_table_file(path, how.sheet)};
  if (lower_case(path.extension().string()) == ".tsv") clear_not_available(file.table);
  return file;
}

}  // namespace nicohort
