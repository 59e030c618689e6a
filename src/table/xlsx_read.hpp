// The cells of a worksheet (ECMA-376 part 1, 18.3), read as a stream.
#pragma once

#include "table/table_file.hpp"
#include "table/xlsx_workbook.hpp"

namespace nicohort {

// Formulas count as the value that was last calculated. Where the workbook is to be calculated when
// it is opened, a 0 is none: XlsxWriter writes it as the value of every formula. A number is a date
// or a time where its format shows one (number_format.hpp). Throws BadInput.
ReadTable read_worksheet(const Package& package, const Workbook& workbook,
                         const WorkbookSheet& sheet);

}  // namespace nicohort
