// Workbooks as files: the zip and what is in it.
#include "input.hpp"
#include "table/table_file.hpp"
#include "table/xlsx_put_sheet.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  const std::string bytes(text_of(data, size));
  const MemoryFile file(bytes);
  is_good([&] { sheet_names(file.path()); });
  is_good([&] { read_table(file.path()); });
  const Sheet sheet{"split", {{"ID", "age"}, {{std::string("0012"), 61.0}}}};
  std::string edited;
  if (!is_good([&] { edited = put_sheet_bytes(bytes, sheet); })) return 0;
  const MemoryFile result(edited);
  is_good([&] { require(read_table(result.path(), "split").rows == sheet.table.rows); });
  return 0;
}
