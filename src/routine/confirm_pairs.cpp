// Routine 02: pairs volumes and masks and regroups them by site, phase and sample.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "cohort/pseudonym.hpp"
#include "record/checksums.hpp"
#include "record/older_samples.hpp"
#include "record/same_scans.hpp"
#include "record/staged_sample.hpp"
#include "record/unfinished.hpp"
#include "routine/all_routines.hpp"
#include "routine/pseudonym_options.hpp"
#include "run/lock.hpp"
#include "run/pair.hpp"
#include "run/steps.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct ConfirmOptions {
  fs::path root_dir, output_dir, archive_manifest, recipe;
  PseudonymOptions pseudonyms;
  Compression compression = Compression::balanced;
};

// A wrong --root_dir would else be as many problems as there are images.
void require_images(const ConfirmOptions& options, const ArchiveNames& archive,
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

// Throws UsageError rather than put originals beside pseudonyms.
void require_named_alike(const fs::path& dataset, bool has_pseudonyms) {
  if (!record_ids(dataset).empty() && has_pseudonyms != is_pseudonymized(dataset))
    throw UsageError(fmt::format("{}: its samples were made with{} pseudonyms; {}",
                                 dataset.string(), has_pseudonyms ? "out" : "",
                                 has_pseudonyms
                                     ? "name a new folder, or leave --pseudonymize out"
                                     : "name a new folder, or give --pseudonymize their key"));
}

// Gives the fingerprint of the volume's values.
std::string confirm_sample(const ConfirmOptions& options, const ArchiveNames& archive,
                           const ArchiveSample& sample, ProblemSink& problems) {
  Pair pair = load_pair(archive, sample, options.output_dir);
  for (const Problem& warning : pair.warnings) problems.add(warning.subject, warning.what);
  const SampleFiles files = sample.files();
  const Geometry& geometry = pair.volume.header().geometry;
  StagedSample staged(options.output_dir, options.compression);
  if (pair.mask) staged.add_mask(files.mask(), geometry, pair.mask->labels);
  ImageWriter& output = staged.add_volume(files.volume(), geometry);
  blaming(sample.volume, [&] {
    pair.volume.read_values([&](std::span<const float> values) { output.write(values); });
  });
  output.finish();
  staged.add_text(files.info(), info_text(sample.info));
  SampleRecord record = confirmed(sample, pair);
  record.steps = {confirm_step(options.compression)};
  staged.replace(record);
  return record.value_hash;
}

// The sites of these samples, and what they were called in the dataset by another recipe: a site
// that has images which are now in a sample that was made anew.
std::set<std::string> sites_by_any_name(const fs::path& dataset,
                                        const std::vector<ArchiveSample>& samples,
                                        const std::set<std::string>& made_anew) {
  const auto records = read_records(dataset);
  std::set<std::pair<std::string, std::string>> images;
  for (const SampleRecord& record : records)
    if (made_anew.contains(record.id))
      for (const InputFile& input : record.inputs) images.emplace(input.path, input.sha256);
  std::set<std::string> sites = sites_of(samples);
  for (const SampleRecord& record : records) {
    const fs::path folder = sample_folder(record);
    if (!folder.empty() &&
        std::any_of(record.inputs.begin(), record.inputs.end(), [&](const InputFile& input) {
          return images.contains({input.path, input.sha256});
        }))
      sites.insert(folder.begin()->string());
  }
  return sites;
}

int confirm_pairs(const ConfirmOptions& options, const Effort& effort) {
  require_folder(options.root_dir, "--root_dir");
  Recipe recipe = load_recipe(options.recipe);
  Report report;
  const std::string manifest_name = options.archive_manifest.string();
  const Table manifest = read_table(options.archive_manifest);
  const ArchiveNames archive =
      names_of_manifest(options.root_dir, recipe, options.pseudonyms, manifest, manifest_name);
  auto samples = samples_of(manifest, manifest_name, recipe, report);
  if (samples.empty()) throw UsageError(manifest_name + ": lists no sample that can be used");
  require_images(options, archive, samples);
  require_named_alike(options.output_dir, archive.has_pseudonyms());
  const FolderLock lock(options.output_dir, FolderLock::Sharing::alone);
  const std::vector<std::string> ids = ids_of(samples);
  finish_commits(options.output_dir);
  put_note(options.output_dir, {"confirm_pairs"}, ids);
  const auto hashes =
      map_items<std::string>("samples", ids, effort, report, [&](std::size_t i, auto& problems) {
        return confirm_sample(options, archive, samples[i], problems);
      });
  std::vector<std::pair<std::string, std::string>> written;
  for (std::size_t i = 0; i < ids.size(); ++i)
    if (hashes[i]) written.emplace_back(ids[i], *hashes[i]);
  for (const Problem& problem : same_scans(written)) report.add(problem);
  list_samples(options.output_dir);
  Settled settled{"confirm_pairs", {ids.begin(), ids.end()}, {}};
  for (const auto& [id, hash] : written) settled.made_anew.insert(id);
  report_older_samples(options.output_dir,
                       sites_by_any_name(options.output_dir, samples, settled.made_anew),
                       settled.made_anew, report);
  report_unfinished(options.output_dir, report, settled);
  say(fmt::format("{} of {} written to {}.", written.size(), counted(samples.size(), "sample"),
                  options.output_dir.string()));
  const int status = finish_in(report, options.output_dir, "confirm_pairs");
  settle(options.output_dir, settled);
  return status;
}

}  // namespace

void add_confirm_pairs(Program& program) {
  Command command = program.command(
      "confirm_pairs", "02_confirm_pairs",
      "Pair volumes with masks and write them, corrected, as one folder a sample",
      "nicohort confirm_pairs --root_dir root_dir/archive --output_dir root_dir/grouped "
      "--archive_manifest root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<ConfirmOptions>();
  command.option("--root_dir", options->root_dir, "The archive's folder").required();
  command.option("--output_dir", options->output_dir, "The dataset's folder").required();
  command.option("--archive_manifest", options->archive_manifest, "What gen_archive_manifest wrote")
      .required();
  command.option("--recipe", options->recipe, "The archive's layout (default: ESO-2025.10.31)");
  add_pseudonymize(command, options->pseudonyms);
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return confirm_pairs(*options, effort); });
}

}  // namespace nicohort
