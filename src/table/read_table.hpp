// A table as it was read from a file, and what its reader has to know of the file beside its cells.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "table/table.hpp"

namespace nicohort {

// What stands in a file and has no value: formulas that the program which wrote the file has not
// calculated, and errors such as `#N/A`. These cells are empty in the table.
struct WithoutValue {
  std::size_t formulas = 0, errors = 0;
  std::string first_formula, first_error;  // `B7`; `C4 (#N/A)`
};

// `has 2 formulas without a value, …`, with what to do about it; empty if there are none.
std::string text_of(const WithoutValue& cells);

// Whether the text is one that a spreadsheet program shows for an error: `#DIV/0!`.
bool is_error_value(std::string_view text);

// How a column without a header is called, with its index behind it.
inline constexpr std::string_view unheaded_name = "Unnamed: ";

struct ReadTable {
  Table table;
  std::vector<std::string> headers;   // of its columns, before repeated names were changed
  std::vector<std::string> unheaded;  // columns with cells, but none in the header: `D`
  std::size_t header_row = 0;         // from 1; 0: there is no cell
  WithoutValue without_value;
  std::string sheet;       // empty: the file has no worksheets
  bool is_hidden = false;  // the worksheet

  // `row 3 of the worksheet Data`, `rows 3, 7 to 9 and 12`. rows: their numbers in the file, in
  // order.
  std::string place_of(const std::vector<std::size_t>& rows) const;
};

}  // namespace nicohort
