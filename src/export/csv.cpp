#include "table/csv.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dataset/dataset_manifest.hpp"
#include "dataset/index_manifests.hpp"
#include "dataset/split_rows.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// The dataset manifest of these samples, with the subset behind the ID.
Table manifest_of(const ExportCohort& cohort) {
  std::vector<SampleDescription> described;
  for (const ExportSample& sample : cohort.samples)
    described.push_back(describe(sample.record, sample.info));
  Table table = dataset_table(described);
  if (cohort.split.empty()) return table;
  table.columns.insert(table.columns.begin() + 1, cohort.split);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + 1, cohort.samples[i].subset);
  return table;
}

// The columns of paths stand together, behind `valid_labels` and before what is known of the masks.
std::pair<std::size_t, std::size_t> path_columns(const Table& table) {
  const std::size_t first = *table.find("info");
  const auto last = std::find_if(
      table.columns.begin() + first, table.columns.end(),
      [](const std::string& name) { return name == "szx" || name.ends_with("_existence"); });
  return {first, last - table.columns.begin()};
}

void resolve_paths(Table& table, const ExportCohort& cohort, const ExportOptions& options) {
  const auto [first, last] = path_columns(table);
  for (auto& row : table.rows)
    for (std::size_t column = first; column < last; ++column)
      if (!is_empty(row[column])) {
        const fs::path file = cohort.root / to_text(row[column]);
        row[column] = options.absolute_paths ? fs::absolute(file).lexically_normal().string()
                                             : path_from(options.output, file);
      }
}

}  // namespace

ExportPlan plan_csv(const ExportCohort& cohort, const ExportOptions& options) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "csv";
  Table all = manifest_of(cohort);
  resolve_paths(all, cohort, options);
  if (cohort.split.empty()) {
    plan.texts.push_back({"samples.csv", format_csv(all)});
    return plan;
  }
  std::set<std::string> subsets;
  for (const ExportSample& sample : cohort.samples) subsets.insert(sample.subset);
  for (const std::string& subset : in_order(subsets)) {
    Table table{all.columns, {}};
    for (const auto& row : all.rows)
      if (to_text(row[1]) == subset) table.rows.push_back(row);
    plan.texts.push_back(
        {fmt::format("{}_{}.csv", cohort.split, in_file_name(subset)), format_csv(table)});
  }
  return plan;
}

}  // namespace nicohort
