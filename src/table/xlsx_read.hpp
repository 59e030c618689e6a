// The cells of a worksheet (ECMA-376 part 1, 18.3), read as a stream.
#pragma once

#include "table/table_file.hpp"
#include "table/xlsx_workbook.hpp"

namespace nicohort {

// Formulas count as the value that was last calculated, errors as their text (`#N/A`). A number is
// a date where its format shows one (number_format.hpp). `uncalculated` gets the formulas that have
// no value, `headers` what the columns are called before repeated names are changed. Throws
// BadInput.
Table read_worksheet(const Package& package, const Workbook& workbook, const WorkbookSheet& sheet,
                     Uncalculated* uncalculated = nullptr,
                     std::vector<std::string>* headers = nullptr);

}  // namespace nicohort
