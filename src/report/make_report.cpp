#include "report/make_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "recipe/label_map.hpp"
#include "report/misplaced_masks.hpp"
#include "report/problems.hpp"
#include "report/report_folder.hpp"
#include "report/reported_sample.hpp"
#include "report/splits.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* routine = "report";
constexpr std::size_t most_choices = 12;  // of a part whose values the recipe does not list

// All samples, sorted by ID: those that are there, and those of which only the record is.
std::vector<ReportedSample> report_samples(const SampleSources& sources, const Context& context,
                                           Report& problems) {
  const Dataset& dataset = sources.dataset;
  auto reported = map_items<ReportedSample>(
      "samples", ids_of(dataset.samples), context, problems, [&](std::size_t i, ProblemSink& sink) {
        require_below(dataset.root, dataset.samples[i].files());
        return report_sample(sources, dataset.samples[i], sink);
      });
  std::vector<ReportedSample> samples;
  for (std::size_t i = 0; i < reported.size(); ++i)
    samples.push_back(reported[i] ? std::move(*reported[i])
                                  : unusable_sample(dataset.samples[i], dataset.recipe));
  for (const FoundSample& sample : dataset.recorded)
    samples.push_back(unusable_sample(sample, dataset.recipe));
  std::sort(samples.begin(), samples.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
  return samples;
}

// What samples have in a column, a part or an attribute: the short forms of a part in the recipe's
// order, then others.
std::vector<std::string> values_of(const std::string& column, const Recipe& recipe,
                                   const std::vector<ReportedSample>& samples) {
  std::set<std::string> found;
  for (const ReportedSample& sample : samples) found.insert(sample.info.column(column));
  found.erase("");
  std::vector<std::string> values;
  if (const auto index = recipe.part_index(column))
    for (const std::string& value : recipe.parts()[*index].short_forms())
      if (found.erase(value) > 0) values.push_back(value);
  values.insert(values.end(), found.begin(), found.end());
  return values;
}

std::vector<ReportedPart> reported_parts(const Recipe& recipe,
                                         const std::vector<ReportedSample>& samples) {
  std::vector<ReportedPart> parts;
  for (const Part& part : recipe.parts()) {
    auto values = values_of(part.name, recipe, samples);
    const bool all_have_it = std::none_of(samples.begin(), samples.end(), [&](const auto& sample) {
      return sample.info.part(part.name).empty();
    });
    const std::size_t different = values.size() + (all_have_it ? 0 : 1);
    const bool has_few = part.name != "pid" && different > 1 && values.size() <= most_choices &&
                         2 * values.size() <= samples.size();
    parts.push_back({part.name, {}});
    if (part.has_values() || has_few) parts.back().choices = std::move(values);
  }
  return parts;
}

// The names that the masks bear, then those that they would.
LabelNames label_names(const fs::path& root, const Dataset& dataset) {
  LabelNames names;
  for (const auto* list : {&dataset.samples, &dataset.recorded})
    for (const FoundSample& sample : *list)
      if (sample.record) names.insert(sample.record->labels.begin(), sample.record->labels.end());
  const fs::path file = root / descriptor_folder / "label_map.yaml";
  std::error_code error;
  const LabelNames wanted =
      fs::exists(file, error) ? load_label_map(file) : dataset.recipe.labels();
  names.insert(wanted.begin(), wanted.end());
  return names;
}

// The groups of labels that the masks are also cut in.
LabelGroups label_groups(const Dataset& dataset) {
  LabelGroups groups;
  for (const FoundSample& sample : dataset.samples)
    if (sample.record)
      for (const LabelGroup& group : sample.record->groups)
        if (std::none_of(groups.begin(), groups.end(),
                         [&](const LabelGroup& known) { return known.name == group.name; }))
          groups.push_back(group);
  return groups;
}

// What the other commands left in tables: problems and splits; and the report's own problems.
void add_tables(const fs::path& root, const Recipe& recipe, CohortReport& cohort,
                Report& problems) {
  const fs::path manifest = root / dataset_folder / "dataset_manifest.xlsx";
  std::error_code error;
  try {
    cohort.problems = read_problems(root);
  } catch (const BadInput& bad) {
    problems.add(problem_of(bad));
  }
  try {
    if (fs::exists(manifest, error)) cohort.splits = read_splits(manifest);
  } catch (const BadInput& bad) {
    problems.add(problem_of(bad));
  }
  for (const Problem& problem : problems.problems())
    cohort.problems.push_back({routine, problem, {}});
  for (ReportedProblem& reported : cohort.problems)
    reported.sample = sample_of(reported.problem.subject, recipe, cohort.samples);
}

// Of samples that could not be used, what their records say; commands that were run later need not
// have told it again.
void add_recorded_problems(const Dataset& dataset, CohortReport& cohort) {
  std::set<std::pair<std::string, std::string>> known;
  for (const ReportedProblem& reported : cohort.problems)
    known.emplace(reported.problem.subject, reported.problem.what);
  for (const auto* list : {&dataset.samples, &dataset.recorded})
    for (const FoundSample& sample : *list)
      if (sample.record && !sample.is_written())
        for (const Problem& problem : sample.record->all_problems())
          if (known.emplace(problem.subject, problem.what).second)
            cohort.problems.push_back({"run", problem, sample.id});
}

}  // namespace

Report make_report(const ReportOptions& options, const Context& context, DatasetUse use) {
  const fs::path& root = options.root_dir;
  const fs::path archive = options.archive.empty() ? root / archive_folder : options.archive;
  const fs::path output = options.output.empty() ? root / report_folder : options.output;
  const Dataset dataset =
      Dataset::open(root / dataset_folder, {use, options.recipe, {}}, context.listener);
  const Recipe& recipe = dataset.recipe;
  Report problems(context.listener);
  if (use != DatasetUse::unlocked)  // else the caller has told them
    for (const Problem& problem : dataset.problems) problems.add(problem);
  Cache cache(dataset.root);

  CohortReport cohort;
  cohort.title = !recipe.name().empty() ? recipe.name()
                                        : fs::canonical(root).filename().string();  // also of `.`
  cohort.intensity = recipe.intensity();
  cohort.labels = label_names(root, dataset);
  cohort.groups = label_groups(dataset);
  cohort.channels = recipe.channels().all();
  cohort.thresholds = thresholds_of(all_steps(recipe.steps()));
  cohort.samples = report_samples({archive, output, !options.archive.empty(), dataset, cache},
                                  context, problems);
  cache.save();
  cohort.parts = reported_parts(recipe, cohort.samples);
  cohort.sites = values_of("site", recipe, cohort.samples);
  cohort.phases = values_of("phase", recipe, cohort.samples);
  add_tables(root, recipe, cohort, problems);
  add_recorded_problems(dataset, cohort);
  for (const Problem& problem : find_misplaced_masks(cohort.samples, recipe.intensity().unit)) {
    context.listener.warning(fmt::format("{}: {}", problem.subject, problem.what));
    cohort.problems.push_back({routine, problem, {}});
  }
  if (const std::string& told = dataset.steps_differ; !told.empty()) {
    context.listener.summary(told);
    cohort.problems.push_back({routine, {dataset_folder, ProblemKind::unfinished_work, told}, {}});
  }
  remove_leftovers(output, true);
  remove_old_thumbnails(output, cohort);
  write_report(output, cohort);
  context.listener.summary(fmt::format("{} in the report; open {} in a browser.",
                                       counted(cohort.samples.size(), "sample"),
                                       (output / "index.html").string()));
  return problems;
}

}  // namespace nicohort
