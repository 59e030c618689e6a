// What the workbook part says about the worksheets (ECMA-376 part 1, 18.2).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "table/date_time.hpp"
#include "table/number_format.hpp"
#include "table/xlsx_package.hpp"

namespace nicohort {

struct WorkbookSheet {
  std::string name;
  unsigned long id = 0;       // sheetId
  std::string relationship;   // r:id
  std::string part;           // empty if the relationship leads nowhere
  bool is_worksheet = false;  // and not a chart sheet or macro sheet
  bool is_hidden = false;
  std::size_t begin = 0, end = 0;  // the element's bytes in the workbook part
};

struct Workbook {
  std::string part;  // `xl/workbook.xml`
  DateSystem dates = DateSystem::from_1900;
  bool calculates_on_load = false;                    // all formulas
  std::vector<WorkbookSheet> sheets;                  // all kinds, in the order of their tabs
  std::optional<std::string> styles, shared_strings;  // parts

  // By exact name, else without case, as Excel compares. nullptr if there is none.
  const WorkbookSheet* find(std::string_view name) const;
};

// Throws BadInput.
Workbook read_workbook(const Package& package);

// The kind of number format of each cell style (the index that a cell's `s` gives); empty without
// styles.
std::vector<FormatKind> read_cell_formats(const Package& package, const Workbook& workbook);

}  // namespace nicohort
