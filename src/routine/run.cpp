// The whole tutorial in one pass: every archived image is read once, every file of the dataset
// written once, and what is finished is not done again.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "base/atomic_file.hpp"
#include "cohort/dataset_manifest.hpp"
#include "cohort/recipe.hpp"
#include "cohort/yaml.hpp"
#include "nifti/image_file.hpp"
#include "record/checksums.hpp"
#include "record/same_scans.hpp"
#include "record/staged_sample.hpp"
#include "routine/all_routines.hpp"
#include "routine/archive_scan.hpp"
#include "routine/pseudonym_options.hpp"
#include "routine/region_table.hpp"
#include "routine/splits.hpp"
#include "run/archive_image.hpp"
#include "run/journal.hpp"
#include "run/lock.hpp"
#include "run/process_sample.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct Options {
  fs::path root_dir, recipe;
  Compression compression = Compression::balanced;
  bool force = false, dry_run = false;
  PseudonymOptions pseudonyms{};
};

// A run's state between its stages.
struct Run {
  const Options& options;
  const Effort& effort;
  Recipe recipe = load_recipe(options.recipe);
  Pipeline pipeline = load_pipeline(options.recipe);
  ArchiveNames names = archive_names(options.root_dir / archive_folder, recipe, options.pseudonyms);
  Journal journal = Journal(options.root_dir / ".nicohort" / "run.jsonl");
  Report problems{};                    // of all stages
  std::vector<std::string> tables{};    // written, below the root
  std::atomic<bool> is_complete{true};  // every image could be used
  bool is_all_listed = true;            // every folder of the archive could be listed

  fs::path root() const { return options.root_dir; }
  SampleJob job(const ArchiveSample& sample) const {
    return {root(), sample, pipeline, names, options.compression};
  }
  // A table below the root, to be written now.
  fs::path table(const std::string& path) {
    tables.push_back(path);
    return root() / path;
  }
};

const std::string archive_manifest = "descriptor/archive_manifest.xlsx";
const std::string dataset_manifest = "grouped/dataset_manifest.xlsx";

std::string region_manifest(double volume_thresh, const char* ending) {
  return fmt::format("descriptor/small_connected_region_{}{}_manifest.xlsx",
                     format_number(volume_thresh), ending);
}

// Everything that the whole result depends on, by name, size and time of the files.
std::string fingerprint(const Run& run) {
  std::vector<std::string> lines;
  auto add = [&](const fs::path& path) {
    FileRecord file = look_at(run.root(), path.lexically_relative(run.root()).generic_string());
    lines.push_back(fmt::format("{}\t{}\t{}", file.path, file.bytes, file.changed));
  };
  std::error_code error;
  fs::recursive_directory_iterator entries(run.names.root(),
                                           fs::directory_options::skip_permission_denied, error);
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code unknown;  // of a link that leads nowhere or back to itself
    if (!entries->is_directory(unknown)) add(entries->path());
  }
  std::sort(lines.begin(), lines.end());
  for (const SplitPlan& plan : run.pipeline.splits)
    if (plan.exclude_rejected) add(review_beside(run.root() / dataset_manifest));
  for (const auto& [label, name] : run.pipeline.labels)
    lines.push_back(fmt::format("{}={}", label, name));
  lines.push_back(run.options.recipe.empty() ? "built-in recipe"
                                             : read_small_text(run.options.recipe));
  lines.push_back(
      fmt::format("{} {}", NICOHORT_VERSION, static_cast<int>(run.options.compression)));
  Sha256 hash;
  for (std::string& line : lines) line += '\n';
  for (const std::string& line : lines) hash.update(std::as_bytes(std::span(line)));
  return hash.finish();
}

bool all_untouched(const fs::path& root, const std::vector<FileRecord>& files) {
  return std::all_of(files.begin(), files.end(),
                     [&](const FileRecord& file) { return is_untouched(root, file); });
}

// Whether the last run finished with this very input and all it wrote is as it was.
bool is_up_to_date(const Run& run, const std::string& now) {
  auto tables = run.journal.tables();
  if (run.options.force || !tables || tables->fingerprint != now ||
      !all_untouched(run.root(), tables->outputs))
    return false;
  std::error_code error;
  for (const auto& [id, outcome] : run.journal.samples())
    if (!all_untouched(run.root(), outcome.outputs) ||
        (outcome.written && !fs::exists(record_path(run.root() / dataset_folder, id), error)))
      return false;
  return true;
}

// Why a sample must be done, empty if it need not. A file that only got another time is told by its
// hash.
std::string why(const Run& run, const SampleJob& job) {
  if (run.options.force) return "--force";
  auto known = run.journal.sample(job.sample.info.id);
  if (!known) return "new";
  if (known->parameters != parameters_of(job))
    return "parameters, files or program version changed";
  for (const FileRecord& input : known->inputs) {
    if (input.sha256.empty()) return input.path + " could not be used";
    if (is_changed(run.names, input)) return input.path + " changed";
  }
  std::error_code error;
  if (known->written &&
      !fs::exists(record_path(run.root() / dataset_folder, job.sample.info.id), error))
    return "its record is missing";
  for (const FileRecord& output : known->outputs)
    if (!is_untouched(run.root(), output))
      return output.path +
             (look_at(run.root(), output.path).bytes < 0 ? " is missing" : " changed");
  return "";
}

Header open_header(const Run& run, const std::string& image) {
  return run.names.open(image, [](const fs::path& file) { return read_header(file); });
}

// Routine 01. Headers that the journal knows are not read again.
void write_archive_manifest(Run& run) {
  Report report;
  auto read = [&](const std::string& image) {
    FileRecord file = look_at_image(run.names, image);
    if (auto known = run.journal.header(file); known && !run.options.force) return *known;
    try {
      Header header = open_header(run, image);
      run.journal.put_header(file, header);
      return header;
    } catch (const BadInput&) {
      run.is_complete = false;
      throw;
    }
  };
  auto archive = scan_archive(run.names, run.recipe, read, run.effort, report);
  run.is_all_listed = archive.is_complete;
  put_pseudonym_map(run.names, run.options.pseudonyms);
  const fs::path manifest = run.table(archive_manifest);
  write_table(manifest, {{"Manifest", std::move(archive.manifest)}});
  put_problems(report.problems(), problems_beside(manifest));
  run.problems.keep(report.problems());
}

// Whether the sample's images are gone from the archive, not merely unreadable.
bool is_gone(const Run& run, const Outcome& outcome) {
  return std::all_of(outcome.inputs.begin(), outcome.inputs.end(), [&](const FileRecord& input) {
    const auto file = run.names.find(image_of(input));
    if (!file) return run.is_all_listed;
    std::error_code error;
    return fs::symlink_status(*file, error).type() == fs::file_type::not_found;
  });
}

// Removes files of the dataset that a run made and that no longer belong there.
void remove_files(const Run& run, const std::vector<FileRecord>& files) {
  std::error_code error;
  for (const FileRecord& file : files) fs::remove(run.root() / file.path, error);
}

// The samples that are no longer in the archive. Where not one image of a site and phase is left, a
// disk is more likely missing than every patient: these are `kept`.
struct GoneSample {
  std::string id;
  fs::path folder;  // below the dataset
  bool kept = false;
};
std::vector<GoneSample> gone_samples(const Run& run, const std::vector<ArchiveSample>& samples) {
  std::set<std::string> ids;
  std::set<fs::path> groups;  // {site}/{phase}
  for (const ArchiveSample& sample : samples) {
    ids.insert(sample.info.id);
    groups.insert(sample.files().folder.parent_path());
  }
  std::vector<GoneSample> gone;
  for (const auto& [id, outcome] : run.journal.samples()) {
    if (ids.contains(id) || !is_gone(run, outcome)) continue;
    GoneSample sample{id, {}};
    if (!outcome.outputs.empty()) {
      sample.folder =
          fs::path(outcome.outputs.front().path).parent_path().lexically_relative(dataset_folder);
      sample.kept = !groups.contains(sample.folder.parent_path());
    }
    gone.push_back(sample);
  }
  return gone;
}

void remove_gone_samples(Run& run, const std::vector<ArchiveSample>& samples) {
  for (const GoneSample& sample : gone_samples(run, samples)) {
    const fs::path folder = run.root() / dataset_folder / sample.folder;
    if (sample.kept) {
      run.problems.add(sample.id,
                       fmt::format("is no longer in the archive, nor is any other image of {}; its "
                                   "files were kept: bring the images back, or remove {}",
                                   sample.folder.parent_path().generic_string(), folder.string()));
      continue;
    }
    remove_files(run, run.journal.sample(sample.id)->outputs);
    remove_record(run.root() / dataset_folder, sample.id);
    std::error_code error;
    if (!sample.folder.empty()) {
      fs::remove(folder / (sample.id + "_info.yaml"), error);
      fs::remove(folder, error);  // only if nothing else is in it
    }
    run.journal.remove_sample(sample.id);
  }
}

// Files that an earlier run made of the sample and this one did not: masks of labels that have
// another name now. A sample that has become unusable keeps its files.
void remove_superseded(const Run& run, const std::optional<Outcome>& before, Outcome& now) {
  if (!before) return;
  if (!now.written) {
    now.outputs = before->outputs;
    return;
  }
  std::vector<FileRecord> superseded;
  for (const FileRecord& old : before->outputs)
    if (std::none_of(now.outputs.begin(), now.outputs.end(),
                     [&](const FileRecord& output) { return output.path == old.path; }))
      superseded.push_back(old);
  remove_files(run, superseded);
}

// Metadata may have changed where the images have not.
void put_info(const Run& run, const ArchiveSample& sample) {
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
std::vector<Outcome> process_samples(Run& run, const std::vector<ArchiveSample>& samples) {
  std::vector<std::string> to_do_ids;
  std::vector<std::size_t> to_do;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (!why(run, run.job(samples[i])).empty()) {
      to_do.push_back(i);
      to_do_ids.push_back(samples[i].info.id);
    }
  Report printed;
  for_each_item("samples", to_do_ids, run.effort, printed,
                [&](std::size_t i, ProblemSink& problems) {
                  const ArchiveSample& sample = samples[to_do[i]];
                  Outcome outcome = process_sample(run.job(sample));
                  for (const auto* list : {&outcome.confirmation, &outcome.extraction})
                    for (const Problem& problem : *list)
                      problems.add(problem.subject, problem.what);
                  remove_superseded(run, run.journal.sample(sample.info.id), outcome);
                  run.journal.put_sample(sample.info.id, outcome);
                });
  say(fmt::format("{} processed, {} unchanged.", counted(to_do.size(), "sample"),
                  samples.size() - to_do.size()));
  std::vector<Outcome> outcomes;
  for (const ArchiveSample& sample : samples) {
    outcomes.push_back(*run.journal.sample(sample.info.id));
    if (!outcomes.back().written) run.is_complete = false;
    if (!outcomes.back().written) continue;
    put_info(run, sample);
    run.tables.push_back((dataset_folder / sample.files().info()).generic_string());
  }
  return outcomes;
}

void write_regions(Run& run, const std::vector<ArchiveSample>& samples,
                   const std::vector<Outcome>& outcomes, bool is_after) {
  std::vector<SampleRegions> regions;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!outcomes[i].written || !outcomes[i].has_mask) continue;
    SampleRegions& of_sample = regions.emplace_back(SampleRegions{samples[i].info.id, {}});
    for (const LabelOutcome& label : outcomes[i].labels)
      of_sample.masks.push_back({label.label, run.pipeline.labels.at(label.label),
                                 is_after ? label.after : label.before});
  }
  const double thresh = is_after ? run.pipeline.small_regions_after : run.pipeline.small_regions;
  const fs::path file = run.table(region_manifest(thresh, is_after ? "_after_modification" : ""));
  write_table(file, region_sheets(regions, thresh));
  put_problems({}, problems_beside(file));
}

// The worksheets that a run makes in the dataset manifest.
std::vector<std::string> planned_sheets(const Run& run) {
  std::vector<std::string> sheets{"Manifest"};
  for (const SplitPlan& plan : run.pipeline.splits) sheets.push_back(plan.name);
  return sheets;
}

void write_dataset_manifest(Run& run, const std::vector<ArchiveSample>& samples,
                            const std::vector<Outcome>& outcomes) {
  std::vector<SampleDescription> descriptions;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (outcomes[i].written)
      descriptions.push_back(describe(samples[i], outcomes[i], run.pipeline.labels));
  const fs::path file = run.table(dataset_manifest);
  say_lost_sheets(file, planned_sheets(run));
  write_table(file, {{"Manifest", dataset_table(descriptions)}});
  list_table(file);
  put_problems({}, problems_beside(file));
  say(fmt::format("{} of {} in the manifest {}.", descriptions.size(),
                  counted(samples.size(), "sample"), file.string()));
}

// Routines 05 and 06. A split that this archive cannot have is a problem, not the end.
void write_splits(Run& run) {
  const fs::path manifest = run.root() / dataset_manifest;
  for (const SplitPlan& plan : run.pipeline.splits) {
    try {
      Report report;
      SplitOptions options{manifest,   "Manifest",  plan.name,       plan.stratify_by,
                           plan.sites, plan.ratios, plan.random_seed};
      if (plan.exclude_rejected) options.review_file = review_beside(manifest);
      make_split(options, report);
      run.problems.keep(report.problems());
      if (plan.subsets.empty()) continue;
      const std::string folder = fmt::format("grouped/splits/{}", plan.name);
      extract_split_index_manifest({manifest, run.root() / folder, plan.name, plan.subsets});
      for (const Subsets& subsets : plan.subsets)
        run.tables.push_back(
            fmt::format("{}/{}_{}.xlsx", folder, plan.name, fmt::join(subsets, "_")));
    } catch (const UsageError& error) {
      run.problems.add(plan.name, error.what());
    }
  }
}

void say_plan(const Run& run, const std::vector<ArchiveSample>& samples) {
  std::size_t to_do = 0;
  for (const ArchiveSample& sample : samples) {
    std::string reason = why(run, run.job(sample));
    if (reason.empty()) continue;
    ++to_do;
    say(fmt::format("would process {}: {}", sample.info.id, reason));
  }
  for (const GoneSample& sample : gone_samples(run, samples))
    if (!sample.kept) say(fmt::format("would remove {}: no longer in the archive", sample.id));
  say(fmt::format("Would process {}, {} unchanged, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), samples.size() - to_do));
}

int dry_run(Run& run) {
  auto read = [&](const std::string& image) { return open_header(run, image); };
  auto archive = scan_archive(run.names, run.recipe, read, run.effort, run.problems);
  run.is_all_listed = archive.is_complete;
  say_plan(run, samples_of(archive.manifest, archive_manifest, run.recipe, run.problems));
  return run.problems.problems().empty() ? 0 : 1;
}

void write_all(Run& run) {
  write_archive_manifest(run);
  Report confirmation, extraction;
  const auto samples = samples_of(read_table(run.root() / archive_manifest), archive_manifest,
                                  run.recipe, confirmation);
  remove_gone_samples(run, samples);
  const auto outcomes = process_samples(run, samples);
  for (const Outcome& outcome : outcomes) {
    confirmation.keep(outcome.confirmation);
    extraction.keep(outcome.extraction);
  }
  std::vector<std::pair<std::string, std::string>> volumes;
  for (std::size_t i = 0; i < samples.size(); ++i)
    volumes.emplace_back(samples[i].info.id, outcomes[i].value_hash);
  for (const Problem& problem : same_scans(volumes)) confirmation.add(problem);
  const fs::path dataset = run.root() / dataset_folder;
  list_samples(dataset);
  put_problems(confirmation.problems(), problems_in(dataset, "confirm_pairs"));
  put_problems(extraction.problems(), problems_in(dataset, "extract_binary_masks"));
  run.problems.keep(confirmation.problems());
  run.problems.keep(extraction.problems());
  write_regions(run, samples, outcomes, false);
  write_regions(run, samples, outcomes, true);
  write_dataset_manifest(run, samples, outcomes);
  write_splits(run);
}

// A folder keeps the names that its patients have been given: with other ones the dataset would
// have every patient twice, or original identifiers beside pseudonyms.
void require_same_naming(const Run& run, const std::string& naming) {
  const std::string& before = run.journal.naming();
  const fs::path dataset = run.root() / dataset_folder;
  std::error_code error;
  const bool is_new = run.journal.samples().empty() &&
                      !fs::exists(run.root() / archive_manifest, error) &&
                      (!fs::exists(dataset, error) || fs::is_empty(dataset, error));
  if (naming == before || (before.empty() && is_new)) return;
  throw UsageError(fmt::format(
      "{}: what is here was made {}; {}, or begin in a new folder, where archive may be "
      "a symbolic link",
      run.root().string(),
      before.empty() ? "without pseudonyms, or by other commands" : "with the pseudonyms of a key",
      before.empty() ? "leave --pseudonymize out" : "give --pseudonymize that key"));
}

int run_all(const Options& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  require_folder(options.root_dir / archive_folder,
                 "--root_dir, which has the folder archive in it");
  Run run{options, effort};
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
  for (const char* folder : {descriptor_folder, dataset_folder, ".nicohort"})
    remove_leftovers(run.root() / folder, true);
  remove_leftovers(run.root(), false);
  const fs::path problems_file = problems_in(run.root(), "run");
  const std::string now = fingerprint(run);
  // Who is behind the pseudonyms is recorded nowhere: to tell it the archive is looked through.
  if (options.pseudonyms.map.empty() && is_up_to_date(run, now)) {
    run.problems.keep(run.journal.tables()->problems);
    put_problems(run.problems.problems(), problems_file);
    say("Nothing has changed since the last run.");
    return conclude(run.problems, problems_file);
  }
  run.journal.forget_tables();
  write_all(run);
  put_problems(run.problems.problems(), problems_file);
  TablesRecord record{now, {}, run.problems.problems()};
  run.tables.push_back(checksums_path(dataset_folder).generic_string());
  for (const std::string& table : run.tables) record.outputs.push_back(look_at(run.root(), table));
  // What could not be used may have been a passing fault of the disk: the next run looks again.
  if (run.is_complete) run.journal.put_tables(record);
  run.journal.compact();
  return conclude(run.problems, problems_file);
}

}  // namespace

void add_run(CLI::App& program, Task& task) {
  auto [app, effort] =
      add_command(program, "run", "", "Do the whole tutorial in one pass, reading every image once",
                  "nicohort run --root_dir root_dir    (root_dir has the folder archive in it)");
  auto options = std::make_shared<Options>();
  app->add_option("--root_dir", options->root_dir,
                  "The folder that has archive/; grouped/ and descriptor/ are written beside it")
      ->required();
  app->add_option("--recipe", options->recipe,
                  "The archive's layout and what to do with it (default: ESO-2025.10.31)");
  app->add_flag("--force", options->force, "Do everything again");
  app->add_flag("--dry_run", options->dry_run, "Say what would be done and why, and write nothing");
  add_pseudonymize(*app, options->pseudonyms);
  add_pseudonym_map(*app, options->pseudonyms);
  add_compression(*app, options->compression);
  app->callback([=, &task] { task = [=] { return run_all(*options, *effort); }; });
}

}  // namespace nicohort
