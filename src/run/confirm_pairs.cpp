#include "run/confirm_pairs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "archive/pseudonym.hpp"
#include "base/below.hpp"
#include "base/named_path.hpp"
#include "base/near_miss.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/same_scans.hpp"
#include "recipe/volume_type.hpp"
#include "run/make_samples.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// A wrong --root_dir would else be as many problems as there are images.
void require_images(const ConfirmPairsOptions& options, const ArchiveNames& archive,
                    const std::vector<ArchiveSample>& samples) {
  auto is_there = [&](const std::string& image) {
    const auto file = archive.find(image);
    std::error_code error;
    return file && fs::exists(*file, error);
  };
  if (std::any_of(samples.begin(), samples.end(), [&](const ArchiveSample& sample) {
        const auto images = sample.images();
        return std::any_of(images.begin(), images.end(), is_there);
      }))
    return;
  const bool needs_key = !archive.has_pseudonyms() &&
                         std::any_of(samples.begin(), samples.end(), [](const auto& sample) {
                           const auto images = sample.images();
                           return std::any_of(images.begin(), images.end(), has_pseudonym);
                         });
  throw UsageError(fmt::format("{}: contains none of the images that {} lists; {}",
                               options.root_dir.string(), options.archive_manifest.string(),
                               needs_key ? "give --pseudonymize the key that "
                                           "gen_archive_manifest was given"
                                         : "check --root_dir"));
}

// The archive is only read: nothing that is written may replace one of its images, or be taken for
// one when it is read again.
void require_no_images_of_archive(const ConfirmPairsOptions& options, const Recipe& recipe,
                                  const std::vector<ArchiveSample>& samples) {
  std::error_code error;
  const fs::path archive = fs::canonical(options.root_dir, error),
                 dataset = fs::weakly_canonical(fs::absolute(options.output_dir), error);
  std::set<std::string> images;
  for (const ArchiveSample& sample : samples)
    for (std::string& image : sample.images()) images.insert(std::move(image));
  for (const ArchiveSample& sample : samples) {
    std::vector<fs::path> files{sample.files.mask()};
    for (const std::string& channel : recipe.channels().all())
      files.push_back(sample.files.volume(channel));
    for (const fs::path& file : files) {
      const fs::path path = (dataset / file).lexically_relative(archive);
      if (is_below(path) && (images.contains(path) || recipe.parse_image_path(path)))
        throw UsageError(
            fmt::format("--output_dir {}: {} would be {} of the archive {}, which nicohort only "
                        "reads; choose another folder for the results",
                        options.output_dir.string(), (options.output_dir / file).string(),
                        images.contains(path) ? "in place of an image" : "taken for an image",
                        options.root_dir.string()));
    }
  }
}

// `Manifest`, unless gen_archive_manifest was given another name: then the first one, whatever
// somebody has put before it.
std::string manifest_sheet(const fs::path& workbook) {
  const std::vector<std::string> names = sheet_names(workbook);
  return is_among("Manifest", names) ? "Manifest" : names.front();
}

// The parts by which an archive may be divided: the site, and whatever has values that the recipe
// lists, but what each patient should have whole; each with the values that the samples have.
std::map<std::string, std::set<std::string>> divisions(const Recipe& recipe,
                                                       const std::vector<ArchiveSample>& samples) {
  std::map<std::string, std::set<std::string>> values;
  for (std::size_t i = 0; i < recipe.parts().size(); ++i) {
    const Part& part = recipe.parts()[i];
    const auto& whole = recipe.complete();
    if ((part.name != "site" && !part.has_values()) ||
        std::find(whole.begin(), whole.end(), i) != whole.end())
      continue;
    for (const ArchiveSample& sample : samples)
      values[part.name].insert(sample.info.part(part.name));
  }
  return values;
}

// What the dataset has beside the samples of the manifest: what is damaged, and samples of the same
// divisions, whose patients may have been taken out of the archive on purpose. Other divisions may
// have an archive of their own.
void report_older(const fs::path& dataset, const Plan& plan, const Recipe& recipe,
                  const std::vector<ArchiveSample>& samples, Report& report) {
  for (const Problem& problem : plan.damaged) report.add(problem);
  const auto values = divisions(recipe, samples);
  for (const auto* list : {&plan.gone, &plan.left})
    for (const OtherSample& sample : *list) {
      const NamedParts parts = record_of(sample, dataset).parts;
      const bool is_elsewhere =
          !plan.renamed.contains(sample.id) &&
          std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
            const auto of_part = values.find(part.first);
            return of_part != values.end() && !of_part->second.contains(part.second);
          });
      if (sample.is_written() && !is_elsewhere) report.add(problem_of_left(sample));
    }
}

void report_same_scans(const fs::path& dataset, const std::vector<ArchiveSample>& samples,
                       Report& report) {
  std::vector<FingerprintedSample> volumes;
  for (const ArchiveSample& sample : samples)
    if (const auto record = readable_record(dataset, sample.info.id); record && record->volume)
      volumes.push_back({record->id, record->volume->channels});
  for (const Problem& problem : same_scans(volumes)) report.add(problem);
}

}  // namespace

Report confirm_pairs(const ConfirmPairsOptions& options, const Context& context) {
  require_archive(options.root_dir, "--root_dir");
  require_file(options.archive_manifest, "--archive_manifest",
               "the manifest that gen_archive_manifest writes");
  const Recipe recipe = load_recipe(options.recipe, options.volume_type);
  Report report(context.listener);
  const std::string manifest_name = options.archive_manifest.string();
  const ReadTable read =
      read_table_file(options.archive_manifest, manifest_sheet(options.archive_manifest));
  const Table& manifest = read.table;
  if (const std::string what = text_of(read.without_value); !what.empty())
    report.add(manifest_name, ProblemKind::table, what);
  const ArchiveNames archive =
      names_of_manifest(options.root_dir, recipe, options.pseudonyms, manifest, manifest_name);
  const auto samples = samples_of(manifest, manifest_name, recipe, report);
  if (samples.empty())
    throw UsageError(manifest_name +
                     ": lists no sample that can be used; correct the problems above, "
                     "or write it again with gen_archive_manifest");
  require_images(options, archive, samples);
  require_no_images_of_archive(options, recipe, samples);
  const std::string naming = fingerprint_of(options.pseudonyms);
  require_same_naming(options.output_dir, naming);

  const RecipeSteps no_steps;
  const LabelNames no_labels;
  const LabelGroups no_groups;
  const Making making{archive, recipe, no_steps, no_labels, no_groups, options.compression};
  Work work = work_of(making, "confirm_pairs");
  work.ids = ids_of(samples);
  work.chosen_by = sha256_of(fs::absolute(options.root_dir).lexically_normal().string() + "\n" +
                             fs::absolute(options.archive_manifest).lexically_normal().string());
  Transaction dataset(options.output_dir, work, context.listener);
  put_naming(dataset, options.output_dir, recipe, naming);
  Cache cache(options.output_dir);
  dataset.use(cache);
  const Plan plan =
      make_plan({options.output_dir, making, samples, true, options.again, {}}, cache);
  const auto is_current = make_samples({options.output_dir, {}, making, samples, plan}, dataset,
                                       cache, context, report);
  dataset.finish();
  cache.save();
  report_same_scans(options.output_dir, samples, report);
  report_older(options.output_dir, plan, recipe, samples, report);
  context.listener.summary(
      fmt::format("{} of {} written to {}.", std::count(is_current.begin(), is_current.end(), true),
                  counted(samples.size(), "sample"), options.output_dir.string()));
  return report;
}

}  // namespace nicohort
