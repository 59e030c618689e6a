#include "table/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <set>

#include "dataset/dataset_manifest.hpp"
#include "export/formats.hpp"
#include "export/names.hpp"
#include "recipe/subset_names.hpp"
#include "split/rows.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Behind the ID, unless there is such a column; one of the archive that has the name and says
// something else gets another name, as in pandas.
void insert_column(Table& table, const std::string& name, const auto& text_of) {
  if (const auto same = table.find(name)) {
    std::size_t equal = 0;
    for (std::size_t i = 0; i < table.rows.size(); ++i)
      equal += to_text(table.rows[i][*same]) == text_of(i);
    if (equal == table.rows.size()) return;
    std::string other = name + ".1";
    for (int i = 2; table.find(other); ++i) other = fmt::format("{}.{}", name, i);
    table.columns[*same] = other;
  }
  table.columns.insert(table.columns.begin() + 1, name);
  for (std::size_t i = 0; i < table.rows.size(); ++i)
    table.rows[i].insert(table.rows[i].begin() + 1, text_of(i));
}

// The dataset manifest of these samples, with subset and patient behind the ID.
Table manifest_of(const ExportCohort& cohort) {
  Table table = cohort.manifest;  // whose texts it shares
  insert_column(table, "patient", [&](std::size_t i) { return cohort.samples[i].patient; });
  if (!cohort.split.empty())
    insert_column(table, cohort.split, [&](std::size_t i) { return cohort.samples[i].subset; });
  return table;
}

}  // namespace

ExportPlan plan_csv(const ExportCohort& cohort, const ExportOptions& options, Findings& findings) {
  ExportPlan plan;
  plan.folder = options.output;
  plan.format = "csv";
  Table table = manifest_of(cohort);
  change_paths(table, [&](const fs::path& path) {
    const fs::path file = cohort.root / path;
    return options.absolute_paths ? fs::absolute(file).lexically_normal().string()
                                  : path_from(options.output, file);
  });
  const auto all = std::make_shared<const Table>(std::move(table));
  if (cohort.split.empty()) {
    plan.texts.push_back({"samples.csv", [all](const TakeText& take) { take(format_csv(*all)); }});
    plan.told = {fmt::format("The table is {}.", (options.output / "samples.csv").string())};
    return plan;
  }
  std::set<std::string> subsets;
  for (const ExportSample& sample : cohort.samples) subsets.insert(sample.subset);
  std::vector<Subsets> files;
  std::vector<std::string> names;
  for (const std::string& subset : in_order(subsets)) {
    files.push_back({subset});
    names.push_back(file_of_subsets(cohort.split, files.back(), ".csv"));
    plan.texts.push_back({names.back(), [all, &cohort, subset](const TakeText& take) {
                            Table of_subset{all->columns, {}};
                            for (std::size_t i = 0; i < all->rows.size(); ++i)
                              if (cohort.samples[i].subset == subset)
                                of_subset.rows.push_back(all->rows[i]);
                            take(format_csv(of_subset));
                          }});
  }
  if (const std::string fault = same_file_fault(cohort.split, files, ".csv"); !fault.empty())
    findings.add(
        cohort.split, ProblemKind::layout,
        fmt::format("its subsets {}; rename one of them, in the recipe with `values`, or in "
                    "the worksheet",
                    fault));
  plan.told = {
      fmt::format("The tables in {} are {}.", options.output.string(), fmt::join(names, ", "))};
  return plan;
}

}  // namespace nicohort
