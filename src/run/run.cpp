#include "run/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "archive/archive_sample.hpp"
#include "archive/scan.hpp"
#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "dataset/cache.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/make_split.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/region_table.hpp"
#include "dataset/transaction.hpp"
#include "image/image_file.hpp"
#include "recipe/label_map.hpp"
#include "report/make_report.hpp"
#include "run/finish_mask.hpp"
#include "run/finished_run.hpp"
#include "run/gone_samples.hpp"
#include "run/make_samples.hpp"
#include "run/plan.hpp"
#include "run/recipe_preview.hpp"
#include "run/tables.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"
#include "table/yaml.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// The labels of the dataset's own label map, else the recipe's.
LabelNames labels_of_run(const fs::path& root, const Recipe& recipe, Listener& listener) {
  const fs::path file = root / descriptor_folder / "label_map.yaml";
  std::error_code error;
  if (!fs::exists(file, error)) return recipe.labels();
  LabelNames labels = load_label_map(file);
  require_labels_of_mask_files(recipe, labels, file);
  if (!recipe.labels().empty() && labels != recipe.labels())
    listener.warning(fmt::format("{} is used instead of the recipe's labels, which are different.",
                                 file.string()));
  return labels;
}

fs::path folder_of_archive(const RunOptions& options) {
  return options.archive.empty() ? options.root_dir / archive_folder : options.archive;
}

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

// Of the samples that can be made; that others have no volume is among the problems.
std::set<std::string> ids_of_usable(const std::vector<ArchiveSample>& samples) {
  std::set<std::string> ids;
  for (const ArchiveSample& sample : samples)
    if (sample.has_volume()) ids.insert(sample.info.id);
  return ids;
}

// One run, from the archive to the report.
class CohortRun {
 public:
  CohortRun(const RunOptions& options, const Context& context)
      : options_(options),
        context_(context),
        root_(options.root_dir),
        dataset_(root_ / dataset_folder),
        recipe_(load_recipe(options.recipe)),
        labels_(labels_of_run(root_, recipe_, context.listener)),
        groups_(recipe_.groups_of(labels_)),
        option_(options.archive.empty() ? "--root_dir (or use --archive)" : "--archive"),
        names_(archive_names(folder_of_archive(options), recipe_, options.pseudonyms)),
        naming_(fingerprint_of(options.pseudonyms)),
        problems_(context.listener) {
    if (!options.archive.empty()) names_.follow_links();
    if (labels_.empty() && !recipe_.steps().empty())
      throw UsageError(fmt::format(
          "recipe {}: has `steps`, but no `labels` for them, and there is no {}; add to the recipe "
          "the names of the values of its masks, such as `labels: {{0: Bg, 1: tumour}}`",
          recipe_.source(), (root_ / descriptor_folder / "label_map.yaml").string()));
    for (const auto& [step, where] : recipe_.steps())
      if (const std::string what = unknown_label(*step, labels_); !what.empty())
        throw UsageError("recipe " + recipe_.source() + ": " + what);
    region_tables(all_steps(recipe_.steps()));  // two of one name are told before anything is done
    require_same_naming(dataset_, naming_);
  }

  Report dry_run();
  Report operator()();

 private:
  Making making() const {
    return {names_, recipe_, recipe_.steps(), labels_, groups_, options_.compression, true};
  }
  Work work(const std::vector<ArchiveSample>& samples) const;
  Table scan(Cache& cache, Report& report);
  std::vector<std::pair<std::string, Cell>> metadata_in_dataset(const PartValues& sample) const;
  Plan plan(const std::vector<ArchiveSample>& samples, Cache& cache) const;
  std::string made_from() const;
  bool are_as_recorded(const std::vector<SampleOutcome>& outcomes, Cache& cache) const;
  bool is_up_to_date(const FinishedRun& run) const;
  void write_archive_manifest(const Table& manifest, const Report& report);
  std::set<std::string> told_of_images(const Report& scanned) const;

  const RunOptions& options_;
  const Context& context_;
  const fs::path root_, dataset_;
  const Recipe recipe_;
  const LabelNames labels_;
  const LabelGroups groups_;
  const std::string option_;  // that says where the archive is
  ArchiveNames names_;
  const std::string naming_;
  ArchiveListing listing_;
  std::vector<std::string> in_archive_;  // IDs of the samples
  std::vector<std::string> told_;        // images and samples, as scan_archive() gave them
  std::vector<Problem> doubts_;          // the same
  Report problems_;
};

Work CohortRun::work(const std::vector<ArchiveSample>& samples) const {
  Work work = work_of(making(), "run");
  work.ids = ids_of(samples);
  return work;
}

// Routine 01. Headers of files that have not changed are not read again.
Table CohortRun::scan(Cache& cache, Report& report) {
  auto read = [&](const std::string& image, std::int64_t channels) {
    const std::string key = archive_key(image);
    return names_.open(image, [&](const fs::path& file) {
      const FileState state = state_of(file);
      if (auto known = cache.header(key, state);
          known && known->channels == channels && !options_.again)
        return *known;
      Header header = read_header(file, false, channels);
      cache.put_header(key, state, header);
      return header;
    });
  };
  ScannedArchive scanned =
      scan_archive(names_, listing_, recipe_, read, context_, report,
                   [&](const PartValues& sample) { return metadata_in_dataset(sample); });
  in_archive_ = std::move(scanned.samples);
  told_ = std::move(scanned.told);
  doubts_ = std::move(scanned.doubts);
  return std::move(scanned.manifest);
}

// What the info file of the sample has; nothing where there is none that can be read.
std::vector<std::pair<std::string, Cell>> CohortRun::metadata_in_dataset(
    const PartValues& sample) const {
  const std::string id = recipe_.sample_id(sample);
  const SampleFiles files{fs::path(recipe_.folder(sample)) / id, id};
  std::error_code error;
  if (!fs::exists(dataset_ / files.info(), error)) return {};
  try {
    return read_info(dataset_, files, info_keys(recipe_)).attributes;
  } catch (const BadInput&) {
    return {};
  }
}

Plan CohortRun::plan(const std::vector<ArchiveSample>& samples, Cache& cache) const {
  const Making made = making();
  return make_plan({dataset_, made, samples, listing_.is_complete, options_.again}, cache);
}

Report CohortRun::dry_run() {
  Cache cache(dataset_);
  listing_ = list_images(names_, recipe_, option_);
  preview_patterns(listing_.images, recipe_, context_.listener);
  const Table manifest = scan(cache, problems_);
  const auto samples = samples_of(manifest, archive_manifest_path, recipe_, problems_);
  const Plan planned = plan(samples, cache);
  const std::set<std::string> usable = ids_of_usable(samples);
  std::size_t to_do = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!samples[i].has_volume() || planned.samples[i].why.empty()) continue;
    ++to_do;
    context_.listener.summary(
        fmt::format("would process {}: {}", samples[i].info.id, planned.samples[i].why));
  }
  for (const SampleRecord& record : planned.gone)
    context_.listener.summary(
        fmt::format("would remove {}: {}", record.id, planned.why_gone(record)));
  tell_left(planned, told_of_images(problems_), problems_);
  preview_splits(manifest, usable, recipe_, problems_);
  context_.listener.summary(
      fmt::format("Would process {}, {} unchanged, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), usable.size() - to_do));
  if (!options_.allow_removal) require_few_gone(planned, names_.root());
  return std::move(problems_);
}

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

// Images that fit the recipe and cannot be used, and samples that have no volume for that.
std::set<std::string> CohortRun::told_of_images(const Report& scanned) const {
  std::set<std::string> told(told_.begin(), told_.end());
  for (const Problem& problem : scanned.problems()) {
    if (std::find(doubts_.begin(), doubts_.end(), problem) != doubts_.end()) continue;
    const auto key = recipe_.parse_image_path(problem.subject);
    if (key || problem.kind == ProblemKind::incomplete ||
        problem.kind == ProblemKind::duplicate_scan)
      told.insert(problem.subject);
    if (key && !key->is_mask) told.insert(recipe_.sample_id(key->parts));
  }
  return told;
}

Report CohortRun::operator()() {
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
  // Before anything is written: is the archive what it should be?
  Cache cache(dataset_);
  Report scanned(context_.listener), rows(context_.listener);
  const Table manifest = scan(cache, scanned);
  const auto samples = samples_of(manifest, archive_manifest_path, recipe_, rows);
  const Plan first_planned = plan(samples, cache);
  if (!options_.allow_removal) require_few_gone(first_planned, names_.root());
  if (first_planned.elsewhere.empty() && first_planned.left.empty())  // these are split, too
    require_splits(manifest, ids_of_usable(samples), recipe_);

  Transaction dataset(dataset_, work(samples), context_.listener);
  dataset.use(cache);
  Plan planned = plan(samples, cache);  // somebody may have changed the dataset meanwhile
  if (!options_.allow_removal) require_few_gone(planned, names_.root());
  put_naming(dataset, dataset_, recipe_, naming_);
  for (const char* folder : {descriptor_folder, report_folder})
    remove_leftovers(root_ / folder, true);
  remove_leftovers(root_, false);
  write_archive_manifest(manifest, scanned);
  problems_.keep(rows.problems());
  remove_gone(dataset, planned, problems_);
  const Making made = making();
  const auto told = told_of_images(scanned);
  const auto outcomes =
      make_samples({dataset_, root_ / report_folder, made, samples, planned, told, doubts_},
                   dataset, cache, context_, problems_);
  tell_spared(recipe_.steps(), outcomes, context_.listener);
  remove_renamed(dataset, planned, outcomes, problems_);
  tell_left(planned, told, problems_);
  dataset.finish();
  const auto written = written_samples({dataset_, recipe_, samples, outcomes, planned}, problems_);
  write_tables(root_, recipe_, written, in_archive_, problems_);
  cache.save();  // the report looks there which files are as recorded
  if (written.empty())
    context_.listener.summary("No sample can be used, so no report was written.");
  else
    make_report({.root_dir = root_, .archive = options_.archive}, context_, DatasetUse::unlocked);
  // What could not be used may have been a passing fault of the disk: the next run looks again.
  const bool is_complete = planned.left.empty() && planned.damaged.empty() &&
                           listing_.is_complete && are_as_recorded(outcomes, cache) &&
                           std::all_of(outcomes.begin(), outcomes.end(),
                                       [](const auto& outcome) { return outcome.is_current; });
  if (is_complete && !names_.follows_links()) this_run.remember();
  return std::move(problems_);
}

}  // namespace

Report run(const RunOptions& options, const Context& context) {
  require_folder(options.root_dir, "--root_dir");
  if (const fs::path archive = folder_of_archive(options);
      options.archive.empty() && !fs::is_directory(archive))
    throw UsageError(fmt::format(
        "{}: no such folder; --root_dir is the folder that contains the folder archive{}",
        archive.string(), meant_instead_of(options.root_dir, CohortFolder::root)));
  require_archive(folder_of_archive(options), options.archive.empty() ? "archive" : "--archive");
  CohortRun whole(options, context);
  return options.dry_run ? whole.dry_run() : whole();
}

}  // namespace nicohort
