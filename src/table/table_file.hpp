// Tables in files: `.xlsx` (ECMA-376) and, where the name ends in `.csv` (any case), CSV (RFC 4180,
// UTF-8), or in `.jsonl`, JSON Lines.
//
// Text stays text in both directions, also where it looks like a number, a date or a formula. In
// CSV that is said with quotes: quoted is always text; unquoted is a number, TRUE/FALSE or a date
// only where writing that value gives the same characters again (so an unquoted 0012 is text).
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/atomic_file.hpp"
#include "table/read_table.hpp"

namespace nicohort {

struct Sheet {
  std::string name;
  Table table;
};

// Reads a worksheet, the first one if `sheet` is empty; a CSV file has just one, whatever the name,
// as has a file that ends in `.tsv`, whose separator is the tab.
// The first row that has a cell is the header. A header cell that is empty above cells that are not
// becomes `Unnamed: {index from 0}`, a repeated one gets `.1`, `.2` behind it (as pandas does).
// Rows without any cell are left out, as are columns without header and cells. Throws BadInput
// (subject: the file's path as given) for a file that is not what it should be, and UsageError for
// a missing file or worksheet; both name what there is.
ReadTable read_table_file(const std::filesystem::path& path, const std::string& sheet = {});
// The table alone.
Table read_table(const std::filesystem::path& path, const std::string& sheet = {});

// Names of the worksheets in their order. A CSV or JSON Lines file has one, named as the file
// without ending.
std::vector<std::string> sheet_names(const std::filesystem::path& path);

// Whether a file is a workbook, though perhaps a damaged one: a zip archive, as .xlsx are, or an
// OLE file, as Excel makes of one with a password; or one that cannot be read. What is none has no
// worksheets that could be lost.
bool begins_as_workbook(const std::filesystem::path& path);

// Writes a new file, atomically, the same bytes for the same sheets. Header row bold and frozen,
// columns as wide as their content (within reason), dates as yyyy-mm-dd. Of several sheets a CSV or
// JSON Lines file takes the first; sheet i > 0 goes to `{stem}.{sheet name in lower case, blanks to
// _}.csv` (`.jsonl`) beside it. Throws UsageError for a sheet name that Excel refuses and BadInput
// for text of more than Excel's 32,767 characters in a cell, or a sheet of more than Excel's
// 1,048,576 rows or 16,384 columns (not for CSV and JSON Lines).
void write_table(const std::filesystem::path& path, const std::vector<Sheet>& sheets,
                 Access access = Access::usual);
void write_table(const std::filesystem::path& path, const Sheet& sheet,
                 Access access = Access::usual);

// A workbook of this worksheet alone, with the bytes that put_sheet() gives when it is put there
// again.
void write_workbook(const std::filesystem::path& path, const Sheet& sheet);

// Adds a worksheet behind the others, or replaces the one of that name (Excel compares names
// without case) where it stands. Every other part of the workbook keeps its bytes; only the parts
// that list the sheets are edited. Atomic. Throws as read_table and write_table do; UsageError for
// a CSV file.
void put_sheet(const std::filesystem::path& path, const Sheet& sheet);

// Replaces a worksheet by what `edit` makes of it, as put_sheet does, and lets nobody else write
// the workbook in between. A workbook that is not there is made, from an empty table. Throws as
// read_table and put_sheet do, UsageError also where the workbook has no such worksheet, BadInput
// also where cells have no value, which would be lost, and what `edit` throws; nothing is written
// then.
void edit_sheet(const std::filesystem::path& path, const std::string& sheet,
                const std::function<Table(Table)>& edit);

// What Excel refuses in a worksheet's name, in words; empty if it takes the name. Excel: at most 31
// UTF-16 units, none of []:*?/\, no apostrophe at either end, not blank, not "History".
std::string sheet_name_fault(std::string_view name);
// Throws UsageError, with Excel's reason, if the worksheet that --sheet_name names cannot have this
// name.
void require_sheet_name(const std::string& name);

}  // namespace nicohort
