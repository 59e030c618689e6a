#include "report/make_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "dataset/dataset_problems.hpp"
#include "dataset/dataset_recipe.hpp"
#include "dataset/lock.hpp"
#include "dataset/samples.hpp"
#include "dataset/transaction.hpp"
#include "recipe/label_map.hpp"
#include "report/problems.hpp"
#include "report/report_folder.hpp"
#include "report/reported_sample.hpp"
#include "report/splits.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* routine = "report";

using Records = std::map<std::string, SampleRecord>;  // by ID

// A record that cannot be read is a problem, and its sample is read instead.
Records records_of(const fs::path& dataset, Report& problems) {
  Records records;
  for (SampleRecord& record :
       read_records(dataset, [&](const BadInput& bad) { problems.add(problem_of(bad)); }))
    records.emplace(record.id, std::move(record));
  return records;
}

const SampleRecord* find(const Records& records, const std::string& id) {
  const auto found = records.find(id);
  return found == records.end() ? nullptr : &found->second;
}

// All samples, sorted by ID: those that are there, and those of which only the record is.
std::vector<ReportedSample> report_samples(const SampleSources& sources, const Records& records,
                                           const Context& context, Report& problems) {
  const fs::path dataset = sources.root / dataset_folder;
  const auto files = find_samples(dataset);
  const auto ids = ids_of(files);
  auto reported = map_items<ReportedSample>(
      "samples", ids, context, problems, [&](std::size_t i, ProblemSink& sink) {
        require_below(dataset, files[i]);
        return report_sample(sources, files[i], find(records, ids[i]), sink);
      });
  std::vector<ReportedSample> samples;
  for (std::size_t i = 0; i < ids.size(); ++i)
    samples.push_back(reported[i] ? std::move(*reported[i])
                                  : unusable_sample(ids[i], find(records, ids[i])));
  for (const auto& [id, record] : records)
    if (!std::binary_search(ids.begin(), ids.end(), id))
      samples.push_back(unusable_sample(id, &record));
  std::sort(samples.begin(), samples.end(),
            [](const auto& a, const auto& b) { return a.info.id < b.info.id; });
  return samples;
}

// The short forms of a part in the recipe's order, as far as samples have them, then others.
std::vector<std::string> values_of(const std::string& part, const Recipe& recipe,
                                   const std::vector<ReportedSample>& samples) {
  std::set<std::string> found;
  for (const ReportedSample& sample : samples) found.insert(sample.info.part(part));
  std::vector<std::string> values;
  if (const auto index = recipe.part_index(part))
    for (const std::string& value : recipe.parts()[*index].short_forms())
      if (found.erase(value) > 0) values.push_back(value);
  values.insert(values.end(), found.begin(), found.end());
  return values;
}

// The names that the masks bear, then those that they would.
LabelNames label_names(const fs::path& root, const Recipe& recipe, const Records& records) {
  LabelNames names;
  for (const auto& [id, record] : records) names.insert(record.labels.begin(), record.labels.end());
  const fs::path file = root / descriptor_folder / "label_map.yaml";
  std::error_code error;
  const LabelNames wanted = fs::exists(file, error) ? load_label_map(file) : recipe.labels();
  names.insert(wanted.begin(), wanted.end());
  return names;
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
void add_recorded_problems(const Records& records, CohortReport& cohort) {
  std::set<std::pair<std::string, std::string>> known;
  for (const ReportedProblem& reported : cohort.problems)
    known.emplace(reported.problem.subject, reported.problem.what);
  for (const auto& [id, record] : records)
    if (!record.is_written())
      for (const Problem& problem : record.all_problems())
        if (known.emplace(problem.subject, problem.what).second)
          cohort.problems.push_back({"run", problem, id});
}

}  // namespace

Report make_report(const ReportOptions& options, const Context& context, DatasetLocking locking) {
  const fs::path &root = options.root_dir, dataset = root / dataset_folder;
  const fs::path output = options.output.empty() ? root / report_folder : options.output;
  std::error_code error;
  if (!fs::exists(OwnFolder(dataset).path(), error))
    find_samples(dataset);  // so that nothing is made where no dataset is
  Report problems(context.listener);
  std::optional<DatasetLock> lock;
  if (locking == DatasetLocking::needed) {
    for (const std::string& left : recover(dataset, context.listener))
      problems.add(OwnFolder::name, ProblemKind::changed_file, left);
    lock.emplace(dataset, DatasetLock::Mode::together, context.listener);
  }
  const Recipe recipe = load_dataset_recipe(dataset, options.recipe);
  for (const Problem& problem : unfinished_work(dataset)) problems.add(problem);
  const Records records = records_of(dataset, problems);
  Cache cache(dataset);

  CohortReport cohort;
  cohort.title = fs::canonical(root).filename().string();  // also of `.`
  cohort.labels = label_names(root, recipe, records);
  cohort.thresholds = thresholds_of(recipe.steps());
  cohort.samples = report_samples({root, output, recipe, cache}, records, context, problems);
  cache.save();
  cohort.sites = values_of("site", recipe, cohort.samples);
  cohort.phases = values_of("phase", recipe, cohort.samples);
  add_tables(root, recipe, cohort, problems);
  add_recorded_problems(records, cohort);
  std::vector<SampleRecord> all;
  for (const auto& [id, record] : records) all.push_back(record);
  if (const std::string told = told_of_steps(all); !told.empty()) {
    context.listener.summary(told);
    cohort.problems.push_back({routine, {dataset_folder, ProblemKind::unfinished_work, told}, {}});
  }
  remove_old_thumbnails(output, cohort);
  write_report(output, cohort);
  context.listener.summary(fmt::format("{} in the report; open {} in a browser.",
                                       counted(cohort.samples.size(), "sample"),
                                       (output / "index.html").string()));
  return problems;
}

}  // namespace nicohort
