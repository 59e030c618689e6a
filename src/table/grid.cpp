#include "table/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/problem.hpp"

namespace nicohort {

namespace {

// A few kilobytes of zip can ask for terabytes of cells; those of a table that is written take 20
// to 30 times its file.
constexpr std::size_t max_bytes_of_small = std::size_t{4} << 30, max_growth = 64;
constexpr std::size_t row_bytes = 96;  // about what a row takes in the tree and the heap

// Makes names unique as pandas does: `.1`, `.2` behind a repeated one. A name that stands in the
// header itself is never given to another column.
std::vector<std::string> unique_names(std::vector<std::string> names) {
  const std::set<std::string> original(names.begin(), names.end());
  std::set<std::string> taken;
  std::map<std::string, std::size_t> next;
  for (auto& name : names) {
    if (taken.insert(name).second) continue;
    std::string candidate;
    std::size_t& number = next.try_emplace(name, 1).first->second;
    do {
      candidate = name + "." + std::to_string(number++);
    } while (original.contains(candidate) || !taken.insert(candidate).second);
    name = candidate;
  }
  return names;
}

}  // namespace

std::string column_letters(std::size_t column) {
  std::string letters;
  for (++column; column > 0; column = (column - 1) / 26)
    letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters;
}

Grid::Grid(std::size_t file_bytes)
    : most_bytes_(std::max(max_bytes_of_small, max_growth * file_bytes)) {}

void Grid::check_budget(std::size_t bytes) const {
  if (bytes > most_bytes_)
    throw BadInput(ProblemKind::unreadable_file,
                   "the table needs more than " + std::to_string(most_bytes_ >> 30) +
                       " GB of memory; remove what is not needed from it");
}

void Grid::set(std::uint32_t row, std::uint32_t column, Cell cell) {
  auto* text = std::get_if<Text>(&cell);
  if (is_empty(cell) || (text && text->empty())) return;
  if (text) {
    if (last_texts_.size() <= column) last_texts_.resize(column + 1);
    if (last_texts_[column] == *text)
      *text = last_texts_[column];
    else
      last_texts_[column] = *text;
  }
  auto& cells = rows_.try_emplace(rows_.end(), row)->second;
  if (cells.empty()) cells.reserve(std::exchange(cells_before_, 0));
  ++cells_before_;
  bytes_ +=
      (cells.empty() ? row_bytes : 0) + sizeof(Row::value_type) + (text ? text->view().size() : 0);
  check_budget(bytes_);
  cells.emplace_back(column, std::move(cell));
}

ReadTable Grid::to_table() && {
  ReadTable read;
  Table& table = read.table;
  if (rows_.empty()) return read;

  std::map<std::uint32_t, std::string> header;
  read.header_row = rows_.begin()->first + 1;
  for (const auto& [column, cell] : rows_.begin()->second) header[column] = to_text(cell);
  rows_.erase(rows_.begin());
  std::set<std::uint32_t> unheaded;
  for (const auto& [number, row] : rows_)
    for (const auto& cell : row)
      if (header.try_emplace(cell.first, fmt::format("{}{}", unheaded_name, cell.first)).second)
        unheaded.insert(cell.first);
  for (const std::uint32_t column : unheaded) read.unheaded.push_back(column_letters(column));

  std::vector<std::size_t> place(header.rbegin()->first + 1);  // sheet's column -> table's column
  for (auto& [column, name] : header) {
    place[column] = table.columns.size();
    table.columns.push_back(std::move(name));
  }
  read.headers = table.columns;
  table.columns = unique_names(std::move(table.columns));

  check_budget(bytes_ + rows_.size() * table.columns.size() * sizeof(Cell));
  table.rows.reserve(rows_.size());
  table.rows_in_file.reserve(rows_.size());
  while (!rows_.empty()) {
    table.rows_in_file.push_back(rows_.begin()->first + 1);
    auto& row = table.rows.emplace_back(table.columns.size());
    for (auto& [column, cell] : rows_.begin()->second) row[place[column]] = std::move(cell);
    rows_.erase(rows_.begin());
  }
  return read;
}

}  // namespace nicohort
