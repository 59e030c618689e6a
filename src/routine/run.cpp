// The whole tutorial in one pass: every archived image is read once, every file of the dataset
// written once, and what is finished is not done again.
#include <fmt/format.h>

#include <set>

#include "base/atomic_file.hpp"
#include "record/checksums.hpp"
#include "record/same_scans.hpp"
#include "record/staged_sample.hpp"
#include "record/unfinished.hpp"
#include "routine/all_routines.hpp"
#include "routine/archive_scan.hpp"
#include "routine/gone_samples.hpp"
#include "routine/run_tables.hpp"
#include "run/lock.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Metadata may have changed where the images have not.
void put_info(const RunState& run, const ArchiveSample& sample) {
  const fs::path dataset = run.root() / dataset_folder, file = sample.files().info();
  const std::string text = info_text(sample.info);
  std::error_code error;
  if (fs::file_size(dataset / file, error) == text.size() &&
      read_file(dataset / file, text.size()) == text)
    return;
  StagedSample staged(dataset);
  staged.add_text(file, text);
  SampleRecord record = read_record(dataset, sample.info.id).value();
  staged.commit(record);
}

// Routines 02, 03 and those between, sample by sample.
std::vector<Outcome> process_samples(RunState& run, const std::vector<ArchiveSample>& samples) {
  std::vector<std::string> to_do_ids;
  std::vector<std::size_t> to_do;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (!why(run, run.job(samples[i])).empty()) {
      to_do.push_back(i);
      to_do_ids.push_back(samples[i].info.id);
    }
  Report printed;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (std::binary_search(to_do.begin(), to_do.end(), i)) continue;
    const Outcome known = *run.journal.sample(samples[i].info.id);
    for (const auto* list : {&known.confirmation, &known.extraction})
      for (const Problem& problem : *list) printed.add(problem);
  }
  for_each_item("samples", to_do_ids, run.effort, printed,
                [&](std::size_t i, ProblemSink& problems) {
                  const ArchiveSample& sample = samples[to_do[i]];
                  Outcome outcome = process_sample(run.job(sample));
                  for (const auto* list : {&outcome.confirmation, &outcome.extraction})
                    for (const Problem& problem : *list)
                      problems.add(problem.subject, problem.what);
                  const auto before = run.journal.sample(sample.info.id);
                  if (!outcome.written && before)  // which keeps its files
                    outcome.outputs = before->outputs;
                  run.journal.put_sample(sample.info.id, outcome);
                });
  say(fmt::format("{} processed, {} unchanged.", counted(to_do.size(), "sample"),
                  samples.size() - to_do.size()));
  std::vector<Outcome> outcomes;
  for (const ArchiveSample& sample : samples) {
    outcomes.push_back(*run.journal.sample(sample.info.id));
    if (!outcomes.back().written) run.is_complete = false;
    if (!outcomes.back().written) continue;
    try {
      put_info(run, sample);
    } catch (const BadInput& bad) {
      run.problems.add(bad.subject(), bad.what());
      run.is_complete = false;
    }
    run.tables.push_back((dataset_folder / sample.files().info()).generic_string());
  }
  return outcomes;
}

void say_plan(const RunState& run, const std::vector<ArchiveSample>& samples,
              const std::vector<GoneSample>& gone) {
  std::size_t to_do = 0;
  for (const ArchiveSample& sample : samples) {
    std::string reason = why(run, run.job(sample));
    if (reason.empty()) continue;
    ++to_do;
    say(fmt::format("would process {}: {}", sample.info.id, reason));
  }
  for (const GoneSample& sample : gone)
    if (!sample.folder.empty()) say("would remove " + reason(sample));
  say(fmt::format("Would process {}, {} unchanged, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), samples.size() - to_do));
}

int dry_run(RunState& run) {
  auto read = [&](const std::string& image) { return open_header(run, image); };
  auto archive = scan_archive(run.names, run.listing, run.recipe, read, run.effort, run.problems);
  const auto samples = samples_of(archive.manifest, archive_manifest, run.recipe, run.problems);
  const OlderDataset older = older_dataset(run, samples);
  say_plan(run, samples, older.gone);
  require_removal_allowed(run, older);
  return run.problems.problems().empty() ? 0 : 1;
}

void write_all(RunState& run) {
  const fs::path dataset = run.root() / dataset_folder;
  Report scan, unused;
  Table manifest = make_archive_manifest(run, scan);
  const OlderDataset older =
      older_dataset(run, samples_of(manifest, archive_manifest, run.recipe, unused));
  require_removal_allowed(run, older);  // before anything is written
  run.journal.forget_tables();
  write_archive_manifest(run, std::move(manifest), scan);
  Report confirmation, extraction;
  const auto samples = samples_of(read_table(run.root() / archive_manifest), archive_manifest,
                                  run.recipe, confirmation);
  put_note(dataset, {"run"}, ids_of(samples));
  remove_gone_samples(run, older.gone);
  const auto outcomes = process_samples(run, samples);
  for (const Outcome& outcome : outcomes) {
    confirmation.keep(outcome.confirmation);
    extraction.keep(outcome.extraction);
  }
  std::vector<std::pair<std::string, std::string>> volumes;
  const auto ids = record_ids(dataset);
  Settled settled{"run", {ids.begin(), ids.end()}, {}};
  for (std::size_t i = 0; i < samples.size(); ++i) {
    volumes.emplace_back(samples[i].info.id, outcomes[i].value_hash);
    if (outcomes[i].written) settled.made_anew.insert(samples[i].info.id);
  }
  for (const Problem& problem : same_scans(volumes)) confirmation.add(problem);
  if (report_older(run, samples, confirmation)) run.is_complete = false;
  list_samples(dataset);
  put_problems(confirmation.problems(), problems_in(dataset, "confirm_pairs"));
  put_problems(extraction.problems(), problems_in(dataset, "extract_binary_masks"));
  run.problems.keep(confirmation.problems());
  run.problems.keep(extraction.problems());
  write_regions(run, samples, outcomes, false);
  write_regions(run, samples, outcomes, true);
  write_dataset_manifest(run, samples, outcomes);
  write_splits(run);
  report_unfinished(dataset, run.problems, settled);
  put_problems(run.problems.problems(), problems_in(run.root(), "run"));
  write_report_of(run, samples, outcomes);
  settle(dataset, settled);
}

int run_all(const RunOptions& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  require_folder(options.root_dir / archive_folder,
                 "--root_dir, which has the folder archive in it");
  RunState run{options, effort};
  const fs::path label_map = run.root() / descriptor_folder / "label_map.yaml";
  if (fs::exists(label_map)) run.pipeline.labels = load_label_names(label_map);
  if (run.pipeline.labels.empty())
    throw UsageError(label_map.string() +
                     ": no such file, and the recipe has no pipeline.label_map");
  const std::string naming = fingerprint_of(options.pseudonyms);
  require_same_naming(run, naming);
  if (options.dry_run) return dry_run(run);
  RunLock lock(run.root() / ".nicohort" / "lock");
  FolderLock dataset_lock(run.root() / dataset_folder, FolderLock::Sharing::alone);
  run.journal.put_naming(naming);
  finish_commits(run.root() / dataset_folder);
  for (const char* folder : {descriptor_folder, dataset_folder, report_folder, ".nicohort"})
    remove_leftovers(run.root() / folder, true);
  remove_leftovers(run.root(), false);
  const fs::path problems_file = problems_in(run.root(), "run");
  const std::string now = fingerprint(run);
  // Who is behind the pseudonyms is recorded nowhere: to tell it the archive is looked through.
  if (options.pseudonyms.map.empty() && is_up_to_date(run, now)) {
    const auto last = run.journal.tables();
    for (const Problem& problem : last->problems) run.problems.add(problem);
    put_problems(run.problems.problems(), problems_file);
    say("Nothing has changed since the last run.");
    return conclude(run.problems, problems_file);
  }
  write_all(run);
  TablesRecord record{now, {}, run.problems.problems()};
  run.tables.push_back(checksums_path(dataset_folder).generic_string());
  for (const std::string& table : run.tables) record.outputs.push_back(look_at(run.root(), table));
  // What could not be used may have been a passing fault of the disk: the next run looks again.
  if (run.is_complete) run.journal.put_tables(record);
  run.journal.compact();
  return conclude(run.problems, problems_file);
}

}  // namespace

void add_run(Program& program) {
  Command command = program.command(
      "run", "", "Do the whole tutorial in one pass, reading every image once",
      "nicohort run --root_dir root_dir    (root_dir has the folder archive in it)");
  auto options = std::make_shared<RunOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that has archive/; grouped/ and descriptor/ are written beside it")
      .required();
  command.option("--recipe", options->recipe,
                 "The archive's layout and what to do with it (default: ESO-2025.10.31)");
  command.flag("--force", options->force, "Do everything again");
  command.flag("--dry_run", options->dry_run, "Say what would be done and why, and write nothing");
  command.flag("--allow_removal", options->allow_removal,
               "Take samples out of the dataset that the archive no longer has, however many");
  add_pseudonymize(command, options->pseudonyms);
  add_pseudonym_map(command, options->pseudonyms);
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return run_all(*options, effort); });
}

}  // namespace nicohort
