// A table as a worksheet part (ECMA-376 part 1, 18.3.1.99).
#pragma once

#include <optional>
#include <string>

#include "table/date_time.hpp"
#include "table/table.hpp"
#include "table/xlsx_package.hpp"

namespace nicohort {

// What the workbook around the worksheet has to offer.
struct SheetSettings {
  std::string main_namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  DateSystem dates = DateSystem::from_1900;
  bool selected = false;  // the tab that is shown on opening
  // Indices of cell styles. Without one that shows a date or time as such, it becomes ISO text.
  std::optional<std::size_t> header_style, date_style, date_time_style, time_style, duration_style;
};

// The part of a worksheet. Text is in the cells themselves (inline strings), so that no other part
// has to know of it. Throws BadInput for what Excel cannot hold: too many rows or columns, too long
// text. The table and the settings must stay until the part is written.
PartWriter worksheet_xml(const Table& table, const SheetSettings& settings);

}  // namespace nicohort
