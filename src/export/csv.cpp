#include "table/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

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

}  // namespace

ExportPlan plan_csv(const ExportCohort& cohort, const ExportOptions& options) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "csv";
  Table all = manifest_of(cohort);
  change_paths(all, [&](const fs::path& path) {
    const fs::path file = cohort.root / path;
    return options.absolute_paths ? fs::absolute(file).lexically_normal().string()
                                  : path_from(options.output, file);
  });
  if (cohort.split.empty()) {
    plan.texts.push_back({"samples.csv", format_csv(all)});
    plan.told = {fmt::format("The table is {}.", (options.output / "samples.csv").string())};
    return plan;
  }
  std::set<std::string> subsets;
  for (const ExportSample& sample : cohort.samples) subsets.insert(sample.subset);
  std::vector<std::string> names;
  for (const std::string& subset : in_order(subsets)) {
    Table table{all.columns, {}};
    for (const auto& row : all.rows)
      if (to_text(row[1]) == subset) table.rows.push_back(row);
    names.push_back(fmt::format("{}_{}.csv", cohort.split, in_file_name(subset)));
    plan.texts.push_back({names.back(), format_csv(table)});
  }
  plan.told = {
      fmt::format("The tables in {} are {}.", options.output.string(), fmt::join(names, ", "))};
  return plan;
}

}  // namespace nicohort
