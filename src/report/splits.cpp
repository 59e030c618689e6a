#include "report/splits.hpp"

#include "table/table_file.hpp"

namespace nicohort {

std::vector<ReportedSplit> read_splits(const std::filesystem::path& manifest) {
  std::vector<ReportedSplit> splits;
  for (const std::string& name : sheet_names(manifest)) {
    const Table table = read_table(manifest, name);
    const auto id = table.find("ID");
    if (!id || table.columns.front() != name) continue;
    ReportedSplit split{name, table.columns.front(), {}};
    split.sides.reserve(table.rows.size());
    for (const auto& row : table.rows)
      split.sides.emplace_back(to_text(row[*id]), to_text(row.front()));
    splits.push_back(std::move(split));
  }
  return splits;
}

}  // namespace nicohort
