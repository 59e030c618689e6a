#include "run/run.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <memory>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/outcome.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/transaction.hpp"
#include "dataset/unfinished.hpp"
#include "report/make_report.hpp"
#include "run/cohort_run.hpp"
#include "run/finish_mask.hpp"
#include "run/finished_run.hpp"
#include "run/gone_samples.hpp"
#include "run/tables.hpp"
#include "run/written_samples.hpp"
#include "split/make_split.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// How many samples each step was not for.
void tell_spared(const RecipeSteps& steps, const std::vector<StepCount>& counts,
                 Listener& listener) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto& [done, spared] = counts[i];
    if (spared > 0 && done == 0)
      listener.warning(
          fmt::format("the step {} was applied to no sample: no sample fulfils its "
                      "`where`; check the condition",
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
bool CohortRun::are_as_recorded(const std::vector<std::string>& ids, Cache& cache) const {
  return std::all_of(ids.begin(), ids.end(), [&](const std::string& id) {
    const auto record = readable_record(dataset_, id);
    return record && std::all_of(record->files.begin(), record->files.end(), [&](const auto& file) {
             return is_as_recorded(dataset_, *record, fs::path(record->folder) / file.first,
                                   &cache);
           });
  });
}

bool CohortRun::is_up_to_date(const FinishedRun& run) const {
  // Who is behind the pseudonyms is recorded nowhere: for that the archive is looked through.
  return !options_.again && options_.pseudonyms.map.empty() &&
         !read_unfinished(dataset_).has_value() && run.is_the_last();
}

void CohortRun::write_archive_manifest(Table manifest, const Report& report) {
  put_pseudonym_map(names_, options_.pseudonyms, context_.listener);
  const fs::path file = root_ / archive_manifest_path;
  put_manifest(file, {"Manifest", std::move(manifest)});
  std::vector<Problem> of_archive;
  for (const Problem& problem : report.problems()) of_archive.push_back(without_outcome(problem));
  put_problems(of_archive, problems_beside(file));
  problems_.keep(report.problems());
}

CohortRun::MadeSamples CohortRun::make_samples_of_archive(Cache& cache) {
  Report scanned(context_.listener), rows(context_.listener);
  Table manifest = scan(cache, scanned, context_);
  const auto samples = samples_of(manifest, archive_manifest_path, recipe_, rows);
  require_right_archive(manifest, samples, others(samples, cache));
  require_tables(root_, recipe_, context_.listener);

  auto dataset = std::make_unique<Transaction>(dataset_, work(samples), context_.listener);
  dataset->use(cache);
  Plan planned = plan(samples, cache);  // somebody may have changed the dataset meanwhile
  if (!options_.allow_removal) require_few_gone(planned, names_.root(), has_new_where());
  put_naming(*dataset, dataset_, recipe_, naming_);
  for (const char* folder : {descriptor_folder, report_folder})
    remove_leftovers(root_ / folder, true);
  remove_leftovers(root_, false);
  write_archive_manifest(std::move(manifest), scanned);
  problems_.keep(rows.problems());
  remove_gone(*dataset, dataset_, planned, problems_);
  const Making made = making();
  const auto told = told_of_images(scanned);
  const auto is_current =
      make_samples({dataset_, root_ / report_folder, made, samples, planned, told, doubts_},
                   *dataset, cache, context_, problems_);
  std::vector<std::string> ids = ids_of(samples);
  std::set<std::string> current;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (is_current[i]) current.insert(ids[i]);
  remove_renamed(*dataset, dataset_, planned, current, problems_);
  tell_left(dataset_, planned, told, problems_);
  // What could not be used may have been a passing fault of the disk: the next run looks again.
  const bool is_complete = planned.left.empty() && planned.damaged.empty() &&
                           listing_.is_complete && current.size() == ids.size();
  for (const auto* list : {&planned.left, &planned.elsewhere})
    for (const OtherSample& sample : *list) ids.push_back(sample.id);
  std::sort(ids.begin(), ids.end());
  return {std::move(dataset), std::move(ids), is_complete};
}

// All but the report. What it needs for that is gone from memory when it is done.
CohortRun::MadeDataset CohortRun::make_dataset() {
  Cache cache(dataset_);
  auto [dataset, ids, is_complete] = make_samples_of_archive(cache);
  malloc_trim(0);  // what has gone was in small pieces among what is still there
  WrittenSamples written = read_written_samples(dataset_, recipe_, ids, problems_);
  const bool has_samples = !written.ids.empty();
  tell_spared(recipe_.steps(), written.steps, context_.listener);
  write_tables(root_, recipe_, std::move(written), in_archive_, problems_);
  dataset->finish();
  cache.save();  // the report looks there which files are as recorded
  return {std::move(dataset), has_samples, is_complete && are_as_recorded(ids, cache)};
}

Report CohortRun::whole() {
  FinishedRun this_run(root_, names_, made_from());
  listing_ = list_images(names_, recipe_, option_);
  if (is_up_to_date(this_run)) {
    const fs::path file = problems_in(root_, "run");
    std::error_code error;
    if (fs::exists(file, error))
      for (const Problem& problem : read_problem_file(file)) problems_.add(problem);
    context_.listener.summary("Nothing has changed since the last run.");
    return std::move(problems_);
  }
  const MadeDataset made = make_dataset();
  malloc_trim(0);
  if (made.has_samples) {
    const Report of_report = make_report({.root_dir = root_, .archive = options_.archive}, context_,
                                         DatasetUse::unlocked);
    put_problems(of_report.problems(), problems_in(root_ / report_folder, "report"));
    if (!of_report.problems().empty()) {
      problems_.keep(of_report.problems());
      put_problems(problems_.problems(), problems_in(root_, "run"));
    }
  } else {
    context_.listener.summary("No sample can be used, so no report was written.");
  }
  if (made.is_complete) this_run.remember();
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
  if (const fs::path archive = folder_of_archive(options); is_within(options.root_dir, archive))
    throw UsageError(
        fmt::format("--root_dir {}: is in the archive {}, which nicohort only reads; choose "
                    "another folder for the results",
                    options.root_dir.string(), archive.string()));
}

Report run(const RunOptions& options, const Context& context) {
  require_root_and_archive(options);
  CohortRun run(options, context);
  if (options.shard) return run.shard(*options.shard);
  return options.dry_run ? run.dry_run() : run.whole();
}

}  // namespace nicohort
