#include "run/tables.hpp"

#include <fmt/format.h>

#include <unordered_map>

#include "base/listener.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/index_manifests.hpp"
#include "dataset/make_split.hpp"
#include "dataset/region_table.hpp"
#include "image/header.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

std::string in_recipe(const Recipe& recipe, const SplitPlan& plan, const std::string& what) {
  return fmt::format("recipe {}, line {}: {}", recipe.source(), plan.line, what);
}

void write_region_tables(const fs::path& root, const Recipe& recipe,
                         const std::vector<WrittenSample>& samples, Report& report) {
  for (const RegionTable& table : region_tables(all_steps(recipe.steps()))) {
    std::vector<SampleRegions> regions;
    for (const auto& [record, info] : samples)
      if (auto of_sample = regions_of(*record, table.step))
        regions.push_back(std::move(*of_sample));
    const fs::path file = root / descriptor_folder / table.file;
    Report problems(report.listener());
    try {
      write_table(file, region_sheets(regions, table.smaller_than));
    } catch (const BadInput& bad) {  // more regions than a worksheet can have
      problems.add(problem_of(bad, table.file));
    }
    put_problems(problems.problems(), problems_beside(file));
    report.keep(problems.problems());
  }
}

void write_dataset_manifest(const fs::path& root, const std::vector<WrittenSample>& samples,
                            Listener& listener) {
  std::vector<SampleDescription> descriptions;
  for (const auto& [record, info] : samples) descriptions.push_back(describe(*record, info));
  const fs::path file = root / dataset_manifest_path;
  put_manifest(file, {"Manifest", dataset_table(descriptions)});
  put_problems({}, problems_beside(file));
  listener.summary(
      fmt::format("{} in the manifest {}.", counted(descriptions.size(), "sample"), file.string()));
}

void write_splits(const fs::path& root, const Recipe& recipe,
                  const std::vector<WrittenSample>& samples, Report& report) {
  const fs::path manifest = root / dataset_manifest_path;
  std::unordered_map<std::string, const SampleRecord*> records;
  for (const auto& [record, info] : samples) records[record->id] = record;
  auto record_of = [&](const std::string& id) {
    const auto found = records.find(id);
    return found == records.end() ? nullptr : found->second;
  };
  for (const SplitPlan& plan : recipe.splits()) {
    try {
      Report problems(report.listener());
      make_split({manifest, "Manifest", plan, {}, record_of}, recipe, problems);
      report.keep(problems.problems());
      if (!plan.subsets.empty())
        extract_split_index_manifest({manifest, root / dataset_folder / "splits" / plan.name,
                                      plan.name, plan.subsets, "`subsets`"},
                                     report);
    } catch (const UsageError& error) {
      report.add(plan.name, ProblemKind::split, in_recipe(recipe, plan, error.what()));
    }
  }
}

}  // namespace nicohort
