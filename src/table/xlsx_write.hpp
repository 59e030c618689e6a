// A new workbook.
#pragma once

#include <span>
#include <string>

#include "table/table_file.hpp"

namespace nicohort {

// The bytes of the file: the same for the same sheets, whatever the time and the machine. The names
// must be good and different (table_file.cpp sees to that). Throws BadInput as worksheet_xml does.
//
// It is written without a library for workbooks: the one in Debian (libxlsxwriter) keeps 16 digits
// of a number where a double needs 17, and writes text that looks like `_x0041_` so that it is read
// as `A`.
std::string workbook_bytes(std::span<const Sheet> sheets);

}  // namespace nicohort
