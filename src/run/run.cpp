#include "run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/make_split.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/transaction.hpp"
#include "dataset/unfinished.hpp"
#include "report/make_report.hpp"
#include "run/cohort_run.hpp"
#include "run/finish_mask.hpp"
#include "run/finished_run.hpp"
#include "run/gone_samples.hpp"
#include "run/recipe_preview.hpp"
#include "run/tables.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// How many samples each step was not for, by its `where`.
void tell_spared(const RecipeSteps& steps, const std::vector<SampleOutcome>& outcomes,
                 Listener& listener) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto spared = std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& outcome) {
      const auto& done = outcome.record.steps;
      return i < done.size() && done[i].work.is_spared;
    });
    if (spared > 0 && spared == static_cast<std::ptrdiff_t>(outcomes.size()))
      listener.warning(fmt::format("the step {} was done to no sample: none fulfils its `where`",
                                   steps[i].step->name()));
    else if (spared > 0)
      listener.summary(fmt::format("The step {} was left out for {}, by its `where`.",
                                   steps[i].step->name(), counted(spared, "sample")));
  }
}

}  // namespace

// What the result depends on beside the files of the archive.
std::string CohortRun::made_from() const {
  std::string text =
      recipe_.text() + "\n" NICOHORT_VERSION "\n" + name_of(options_.compression) + naming_;
  for (const auto& [label, name] : labels_) text += fmt::format("{}={}\n", label, name);
  return text;
}

// Nobody has edited what this run made or took for unchanged.
bool CohortRun::are_as_recorded(const std::vector<SampleOutcome>& outcomes, Cache& cache) const {
  return std::all_of(outcomes.begin(), outcomes.end(), [&](const SampleOutcome& outcome) {
    const SampleRecord& record = outcome.record;
    return std::all_of(record.files.begin(), record.files.end(), [&](const auto& file) {
      return is_as_recorded(dataset_, record, fs::path(record.folder) / file.first, &cache);
    });
  });
}

bool CohortRun::is_up_to_date(const FinishedRun& run) const {
  // Who is behind the pseudonyms is recorded nowhere, and what is behind links has no place here:
  // for both the archive is looked through.
  return !options_.again && options_.pseudonyms.map.empty() && !names_.follows_links() &&
         !read_unfinished(dataset_).has_value() && run.is_the_last();
}

void CohortRun::write_archive_manifest(const Table& manifest, const Report& report) {
  put_pseudonym_map(names_, options_.pseudonyms, context_.listener);
  const fs::path file = root_ / archive_manifest_path;
  put_manifest(file, {"Manifest", manifest});
  put_problems(report.problems(), problems_beside(file));
  problems_.keep(report.problems());
}

// Before anything is written: is the archive what it should be?
void CohortRun::require_right_archive(const Table& manifest,
                                      const std::vector<ArchiveSample>& samples,
                                      Cache& cache) const {
  const Plan planned = plan(samples, cache);
  if (!options_.allow_removal) require_few_gone(planned, names_.root());
  if (planned.elsewhere.empty() && planned.left.empty())  // these are split, too
    require_splits(manifest, ids_of_usable(samples), recipe_);
}

// All but the report. What it needs for that is gone from memory when it is done.
CohortRun::Made CohortRun::make_dataset() {
  Cache cache(dataset_);
  Report scanned(context_.listener), rows(context_.listener);
  const Table manifest = scan(cache, scanned, context_);
  const auto samples = samples_of(manifest, archive_manifest_path, recipe_, rows);
  require_right_archive(manifest, samples, cache);

  auto dataset = std::make_unique<Transaction>(dataset_, work(samples), context_.listener);
  dataset->use(cache);
  Plan planned = plan(samples, cache);  // somebody may have changed the dataset meanwhile
  if (!options_.allow_removal) require_few_gone(planned, names_.root());
  put_naming(*dataset, dataset_, recipe_, naming_);
  for (const char* folder : {descriptor_folder, report_folder})
    remove_leftovers(root_ / folder, true);
  remove_leftovers(root_, false);
  write_archive_manifest(manifest, scanned);
  problems_.keep(rows.problems());
  remove_gone(*dataset, planned, problems_);
  const Making made = making();
  const auto told = told_of_images(scanned);
  const auto outcomes =
      make_samples({dataset_, root_ / report_folder, made, samples, planned, told, doubts_},
                   *dataset, cache, context_, problems_);
  tell_spared(recipe_.steps(), outcomes, context_.listener);
  remove_renamed(*dataset, planned, outcomes, problems_);
  tell_left(planned, told, problems_);
  const auto written = written_samples({dataset_, recipe_, samples, outcomes, planned}, problems_);
  write_tables(root_, recipe_, written, in_archive_, problems_);
  dataset->finish();
  cache.save();  // the report looks there which files are as recorded
  // What could not be used may have been a passing fault of the disk: the next run looks again.
  const bool is_complete = planned.left.empty() && planned.damaged.empty() &&
                           listing_.is_complete && are_as_recorded(outcomes, cache) &&
                           std::all_of(outcomes.begin(), outcomes.end(),
                                       [](const auto& outcome) { return outcome.is_current; });
  return {std::move(dataset), !written.empty(), is_complete};
}

Report CohortRun::whole() {
  const FinishedRun this_run(root_, names_.root(), made_from());
  listing_ = list_images(names_, recipe_, option_);
  if (is_up_to_date(this_run)) {
    const fs::path file = problems_in(root_, "run");
    std::error_code error;
    if (fs::exists(file, error))
      for (const Problem& problem : read_problem_file(file)) problems_.add(problem);
    context_.listener.summary("Nothing has changed since the last run.");
    return std::move(problems_);
  }
  const Made made = make_dataset();
  if (made.has_samples)
    make_report({.root_dir = root_, .archive = options_.archive}, context_, DatasetUse::unlocked);
  else
    context_.listener.summary("No sample can be used, so no report was written.");
  if (made.is_complete && !names_.follows_links()) this_run.remember();
  return std::move(problems_);
}

void require_root_and_archive(const RunOptions& options) {
  require_folder(options.root_dir, "--root_dir");
  std::error_code error;
  if (fs::is_directory(OwnFolder(options.root_dir).path(), error))
    throw UsageError(fmt::format("{}: is a dataset; --root_dir is the folder that contains it{}",
                                 options.root_dir.string(),
                                 meant_instead_of(options.root_dir, CohortFolder::root)));
  if (const fs::path archive = folder_of_archive(options);
      options.archive.empty() && !fs::is_directory(archive))
    throw UsageError(fmt::format(
        "{}: no such folder; --root_dir is the folder that contains the folder archive{}",
        archive.string(), meant_instead_of(options.root_dir, CohortFolder::root)));
  require_archive(folder_of_archive(options), options.archive.empty() ? "archive" : "--archive");
}

Report run(const RunOptions& options, const Context& context) {
  require_root_and_archive(options);
  CohortRun run(options, context);
  if (options.shard) return run.shard(*options.shard);
  return options.dry_run ? run.dry_run() : run.whole();
}

}  // namespace nicohort
