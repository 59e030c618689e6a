// Routine 02: pairs volumes and masks and regroups them by site, phase and sample.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "archive/pseudonym.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/same_scans.hpp"
#include "routine/all_routines.hpp"
#include "routine/pseudonym_flags.hpp"
#include "run/make_samples.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct Options {
  fs::path root_dir, output_dir, archive_manifest, recipe;
  PseudonymOptions pseudonyms;
  Compression compression = Compression::balanced;
  bool again = false;
};

// A wrong --root_dir would else be as many problems as there are images.
void require_images(const Options& options, const ArchiveNames& archive,
                    const std::vector<ArchiveSample>& samples) {
  auto is_there = [&](const std::string& image) {
    const auto file = image.empty() ? std::nullopt : archive.find(image);
    std::error_code error;
    return file && fs::exists(*file, error);
  };
  if (std::any_of(samples.begin(), samples.end(), [&](const ArchiveSample& sample) {
        return is_there(sample.volume) || is_there(sample.mask);
      }))
    return;
  const bool needs_key = !archive.has_pseudonyms() &&
                         std::any_of(samples.begin(), samples.end(), [](const auto& sample) {
                           return has_pseudonym(sample.volume) || has_pseudonym(sample.mask);
                         });
  throw UsageError(fmt::format("{}: not one of the images that {} lists is there; {}",
                               options.root_dir.string(), options.archive_manifest.string(),
                               needs_key ? "give --pseudonymize the key that "
                                           "gen_archive_manifest was given"
                                         : "check --root_dir"));
}

// Samples of the same sites that the manifest does not have: the patient may have been taken out of
// the archive on purpose. Other sites may have an archive of their own.
void report_older(const Plan& plan, const std::vector<ArchiveSample>& samples, Report& report) {
  std::set<std::string> sites;
  for (const ArchiveSample& sample : samples) sites.insert(sample.info.part("site"));
  for (const auto* list : {&plan.gone, &plan.left})
    for (const SampleRecord& record : *list) {
      const auto site = std::find_if(record.parts.begin(), record.parts.end(),
                                     [](const auto& part) { return part.first == "site"; });
      const bool is_elsewhere = site != record.parts.end() && !sites.contains(site->second) &&
                                !plan.renamed.contains(record.id);
      if (!record.is_written() || is_elsewhere) continue;
      report.add(record.id, fmt::format("is in the dataset from an earlier time and was not made "
                                        "anew: mend it in the archive and start again, or take it "
                                        "out, {} and .nicohort/{}.json",
                                        record.folder, record.id));
    }
}

void report_same_scans(const std::vector<SampleRecord>& records, Report& report) {
  std::vector<std::pair<std::string, std::string>> volumes;
  for (const SampleRecord& record : records)
    if (record.volume) volumes.emplace_back(record.id, record.volume->value_hash);
  for (const Problem& problem : same_scans(volumes)) report.add(problem);
}

int confirm_pairs(const Options& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  const Recipe recipe = load_recipe(options.recipe);
  Report report;
  const std::string manifest_name = options.archive_manifest.string();
  const Table manifest = read_table(options.archive_manifest);
  const ArchiveNames archive =
      names_of_manifest(options.root_dir, recipe, options.pseudonyms, manifest, manifest_name);
  const auto samples = samples_of(manifest, manifest_name, recipe, report);
  if (samples.empty()) throw UsageError(manifest_name + ": lists no sample that can be used");
  require_images(options, archive, samples);
  const std::string naming = fingerprint_of(options.pseudonyms);
  require_same_naming(options.output_dir, naming);

  const Steps no_steps;
  const LabelNames no_labels;
  const Making making{archive, no_steps, no_labels, options.compression};
  Work work = work_of(making, "confirm_pairs");
  work.ids = ids_of(samples);
  Transaction dataset(options.output_dir, work);
  for (const std::string& sentence : dataset.told()) say(sentence);
  put_naming(dataset, options.output_dir, recipe, naming);
  Cache cache(options.output_dir);
  const Plan plan = make_plan({options.output_dir, making, samples, true, options.again}, cache);
  const auto records =
      make_samples({options.output_dir, {}, making, samples, plan}, dataset, cache, effort, report);
  dataset.finish();
  cache.save();
  report_same_scans(records, report);
  report_older(plan, samples, report);
  say(fmt::format("{} of {} written to {}.",
                  std::count_if(records.begin(), records.end(),
                                [](const auto& record) { return record.is_written(); }),
                  counted(samples.size(), "sample"), options.output_dir.string()));
  return finish_in(report, options.output_dir, "confirm_pairs");
}

}  // namespace

void add_confirm_pairs(Program& program) {
  Command command = program.command(
      "confirm_pairs", "02_confirm_pairs",
      "Pair volumes with masks and write them, corrected, as one folder a sample",
      "nicohort confirm_pairs --root_dir root_dir/archive --output_dir root_dir/grouped "
      "--archive_manifest root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<Options>();
  command.option("--root_dir", options->root_dir, "The archive's folder").required();
  command.option("--output_dir", options->output_dir, "The dataset's folder").required();
  command.option("--archive_manifest", options->archive_manifest, "What gen_archive_manifest wrote")
      .required();
  command.option("--recipe", options->recipe, "The archive's layout (default: ESO-2025.10.31)");
  command.flag("--again", options->again,
               "Make all samples again, also those that are as they should be");
  add_pseudonymize(command, options->pseudonyms);
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return confirm_pairs(*options, effort); });
}

}  // namespace nicohort
