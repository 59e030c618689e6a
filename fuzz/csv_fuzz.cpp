// CSV: what was read, written and read again is the same.
#include "input.hpp"
#include "table/csv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace nicohort;
  Table table;
  if (!is_good([&] { table = parse_csv(text_of(data, size)); })) return 0;
  const Table again = parse_csv(format_csv(table));
  require(again.columns == table.columns && again.rows == table.rows);
  return 0;
}
