#include "routine/cohort_reporting.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cohort/below.hpp"
#include "report/problems.hpp"
#include "report/report_folder.hpp"
#include "report/splits.hpp"
#include "routine/command.hpp"
#include "run/process_sample.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Names in the recipe's order, as far as samples have them, then others.
std::vector<std::string> in_order(const std::vector<std::string>& of_recipe,
                                  std::set<std::string> found) {
  std::vector<std::string> names;
  for (const std::string& name : of_recipe)
    if (found.erase(name) > 0) names.push_back(name);
  names.insert(names.end(), found.begin(), found.end());
  return names;
}

// What the other commands left in tables: problems and splits.
void add_tables(const fs::path& root, const Recipe& recipe, CohortReport& cohort,
                Report& problems) {
  const fs::path manifest = root / dataset_folder / "dataset_manifest.xlsx";
  std::error_code error;
  try {
    cohort.problems = read_problems(root);
  } catch (const BadInput& bad) {
    problems.add(bad.subject(), bad.what());
  }
  try {
    blaming(manifest.string(), [&] { require_below(root / dataset_folder, manifest, "dataset"); });
    if (fs::exists(manifest, error)) cohort.splits = read_splits(manifest);
  } catch (const BadInput& bad) {
    problems.add(bad.subject(), bad.what());
  }
  for (const Problem& problem : problems.problems())
    cohort.problems.push_back({"report", problem, {}});
  for (ReportedProblem& reported : cohort.problems)
    reported.sample = sample_of(reported.problem.subject, recipe, cohort.samples);
}

}  // namespace

ExaminationParameters examination_of(const Pipeline& pipeline) {
  std::set<std::uint8_t> labels;
  for (const auto& [label, name] : pipeline.labels) labels.insert(label);
  return {pipeline.threshold, pipeline.small_regions, pipeline.small_regions_after, labels};
}

void put_report(const ReportPlace& place, std::vector<ReportedSample> samples, Report& problems) {
  CohortReport cohort;
  cohort.title = fs::canonical(place.root).filename().string();  // also of `.`
  cohort.labels = place.pipeline.labels;
  cohort.parameters = examination_of(place.pipeline);
  cohort.samples = std::move(samples);
  std::sort(cohort.samples.begin(), cohort.samples.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
  std::set<std::string> sites, phases;
  for (const ReportedSample& sample : cohort.samples) {
    sites.insert(sample.info.site);
    phases.insert(sample.info.phase);
  }
  cohort.sites = in_order(place.recipe.sites(), std::move(sites));
  cohort.phases = in_order(place.recipe.phases(), std::move(phases));
  add_tables(place.root, place.recipe, cohort, problems);
  if (place.is_all) remove_old_thumbnails(place.output, cohort);
  write_report(place.output, cohort);
  say(fmt::format("{} in the report; open {} in a browser.",
                  counted(cohort.samples.size(), "sample"),
                  (place.output / "index.html").string()));
}

}  // namespace nicohort
