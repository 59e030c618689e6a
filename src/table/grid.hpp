// The cells of a worksheet or CSV file on their way to a Table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "table/read_table.hpp"

namespace nicohort {

// Excel's limits (support.microsoft.com, "Excel specifications and limits").
inline constexpr std::uint32_t max_sheet_rows = 1'048'576;
inline constexpr std::uint32_t max_sheet_columns = 16'384;
inline constexpr std::size_t max_cell_units = 32'767;  // UTF-16 units of text in a cell

// The name of a column, counted from 0: `AB` for 27.
std::string column_letters(std::size_t column);

// Only cells that hold something are kept: a file may put one cell into each corner.
class Grid {
 public:
  // file_bytes: of the file that the cells are from; large ones may need more memory.
  explicit Grid(std::size_t file_bytes = 0);

  // Sets a cell, counted from 0; the last one wins. Empty cells and empty text are no cells. Throws
  // BadInput once the cells need more memory than any real table.
  void set(std::uint32_t row, std::uint32_t column, Cell cell);

  // The table by the rules of read_table: first row with a cell is the header, and so on.
  ReadTable to_table() &&;

 private:
  using Row = std::vector<std::pair<std::uint32_t, Cell>>;
  std::map<std::uint32_t, Row> rows_;
  std::vector<Text> last_texts_;  // of each column: rows that say the same share it
  std::size_t bytes_ = 0, most_bytes_;
  std::size_t cells_before_ = 0;  // in the last row, as many as the next may have

  void check_budget(std::size_t bytes) const;
};

}  // namespace nicohort
