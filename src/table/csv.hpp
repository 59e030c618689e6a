// Comma-separated values (RFC 4180) as text in memory.
#pragma once

#include <string>
#include <string_view>

#include "table/read_table.hpp"

namespace nicohort {

// The value of characters without quotes: a number, TRUE/FALSE or a date only where writing that
// value gives the same characters again, else text.
Cell value_of_text(std::string_view text);

// Reads UTF-8, with or without byte order mark; lines end in LF, CRLF or CR. The separator is the
// given one; without one what Excel's `sep=` line names, else the commonest of comma, semicolon and
// tab outside quotes in the header line (of those as common the first). Types as table_file.hpp
// says; `""` is an empty cell, as it is to Excel. What is
// without quotes and looks like an error (`#N/A`) is one. Rows may be shorter than the header.
// Throws BadInput, naming the line: a row with cells beyond the header's, a quote that is not
// closed or has text behind it, and bytes that are not UTF-8.
ReadTable read_csv(std::string_view text, char separator = 0);
Table parse_csv(std::string_view text);  // read_csv(), but the table alone

// Writes LF, commas, and quotes only where they are needed. Infinite numbers and NaN are empty.
// Throws BadInput for text that is not UTF-8 or holds a NUL.
std::string format_csv(const Table& table);

}  // namespace nicohort
