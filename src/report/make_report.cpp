#include "report/make_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "base/wording.hpp"
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
  std::vector<ReportedSample> samples;
  samples.reserve(dataset.samples.size() + dataset.recorded.size());
  fold_items<ReportedSample>(
      "samples", ids_of(dataset.samples), context, problems,
      [&](std::size_t i, ProblemSink& sink) {
        require_below(dataset.root, dataset.samples[i].files());
        return report_sample(sources, dataset.samples[i], sink);
      },
      [&](std::size_t i, std::optional<ReportedSample> sample) {
        samples.push_back(sample ? std::move(*sample)
                                 : unusable_sample(dataset.samples[i], dataset));
      });
  for (const FoundSample& sample : dataset.recorded)
    samples.push_back(unusable_sample(sample, dataset));
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

// The names that masks would bear now.
LabelNames wanted_labels(const fs::path& root, const Recipe& recipe) {
  const fs::path file = root / descriptor_folder / "label_map.yaml";
  std::error_code error;
  return fs::exists(file, error) ? load_label_map(file) : recipe.labels();
}

// The labels of the sample's masks, and the groups of labels that they are also cut in.
void add_labels(const SampleRecord& record, CohortReport& cohort) {
  cohort.labels.insert(record.labels.begin(), record.labels.end());
  for (const LabelGroup& group : record.groups)
    if (std::none_of(cohort.groups.begin(), cohort.groups.end(),
                     [&](const LabelGroup& known) { return known.name == group.name; }))
      cohort.groups.push_back(group);
}

std::vector<ReportedSplit> splits_of(const fs::path& root, Report& problems) {
  const fs::path manifest = root / dataset_folder / "dataset_manifest.xlsx";
  std::error_code error;
  try {
    if (fs::exists(manifest, error)) return read_splits(manifest);
  } catch (const BadInput& bad) {
    problems.add(problem_of(bad));
  }
  return {};
}

// The problems that other commands told, and the report's own.
void add_problems(const fs::path& root, const Recipe& recipe, CohortReport& cohort,
                  Report& problems) {
  try {
    cohort.problems = read_problems(root);
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
      if (const auto record =
              sample.is_written ? std::nullopt : readable_record(dataset.root, sample.id))
        for (const Problem& problem : record->all_problems())
          if (known.emplace(problem.subject, problem.what).second)
            cohort.problems.push_back({"run", problem, sample.id});
}

}  // namespace

Report make_report(const ReportOptions& options, const Context& context, DatasetUse use) {
  const fs::path& root = options.root_dir;
  const fs::path archive = options.archive.empty() ? root / archive_folder : options.archive;
  const fs::path output = options.output.empty() ? root / report_folder : options.output;
  CohortReport cohort;
  const Dataset dataset = Dataset::open(
      root / dataset_folder,
      {use, options.recipe, {}, [&](const SampleRecord& record) { add_labels(record, cohort); }},
      context.listener);
  const Recipe& recipe = dataset.recipe;
  Report problems(context.listener);
  if (use != DatasetUse::unlocked)  // else the caller has told them
    for (const Problem& problem : dataset.problems) problems.add(problem);
  cohort.title = !recipe.name().empty() ? recipe.name()
                                        : fs::canonical(root).filename().string();  // also of `.`
  cohort.intensity = recipe.intensity();
  cohort.labels.merge(wanted_labels(root, recipe));
  cohort.channels = recipe.channels().all();
  cohort.thresholds = thresholds_of(all_steps(recipe.steps()));
  cohort.splits = splits_of(root, problems);  // before there are samples: tables take much memory
  {
    Cache cache(dataset.root, Cache::Headers::left);
    cohort.samples = report_samples({archive, output, !options.archive.empty(), dataset, cache},
                                    context, problems);
    cache.save_news();
  }
  cohort.parts = reported_parts(recipe, cohort.samples);
  cohort.sites = values_of("site", recipe, cohort.samples);
  cohort.phases = values_of("phase", recipe, cohort.samples);
  add_problems(root, recipe, cohort, problems);
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
