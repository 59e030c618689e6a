// A worksheet added to a workbook, or replaced in it.
#pragma once

#include <string>
#include <string_view>

#include "table/table_file.hpp"

namespace nicohort {

// The bytes of the workbook with the sheet in it. The worksheet is a new part, or new content of
// the part that was there; what only the old one used (its tables, comments, drawings) goes with
// it. Of the other parts the three that list parts and sheets get or lose single elements, and none
// else changes a byte. Throws BadInput; UsageError where the name belongs to a chart sheet.
std::string put_sheet_bytes(std::string_view workbook, const Sheet& sheet);

}  // namespace nicohort
