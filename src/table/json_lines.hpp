// JSON Lines (jsonlines.org) as text in memory: one JSON object (RFC 8259) for each row, with a key
// for each column.
#pragma once

#include <string>
#include <string_view>

#include "table/table.hpp"

namespace nicohort {

// Numbers with the fewest digits that give back the double; dates and times as texts; empty cells,
// infinite numbers and NaN as null. Throws BadInput for text that is not UTF-8.
std::string format_json_lines(const Table& table);

// The columns are the keys in the order of their first appearance. Dates stay texts. Throws
// BadInput, naming the line, for what is no object of texts, numbers, booleans and nulls.
Table parse_json_lines(std::string_view text);

}  // namespace nicohort
