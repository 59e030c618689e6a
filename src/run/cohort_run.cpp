#include "run/cohort_run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/outcome.hpp"
#include "dataset/region_table.hpp"
#include "dataset/unfinished.hpp"
#include "image/image_file.hpp"
#include "recipe/label_map.hpp"
#include "recipe/volume_type.hpp"
#include "run/finish_mask.hpp"
#include "run/recipe_preview.hpp"

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

// Of the samples that can be made; that others have no volume is among the problems.
std::set<std::string> ids_of_usable(const std::vector<ArchiveSample>& samples) {
  std::set<std::string> ids;
  for (const ArchiveSample& sample : samples)
    if (sample.has_volume()) ids.insert(sample.info.id);
  return ids;
}

}  // namespace

fs::path folder_of_archive(const RunOptions& options) {
  return options.archive.empty() ? options.root_dir / archive_folder : options.archive;
}

CohortRun::CohortRun(const RunOptions& options, const Context& context)
    : options_(options),
      context_(context),
      root_(options.root_dir),
      dataset_(root_ / dataset_folder),
      recipe_(load_recipe(options.recipe, options.volume_type)),
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

Work CohortRun::work(const std::vector<ArchiveSample>& samples) const {
  Work work = work_of(making(), "run");
  work.ids = ids_of(samples);
  work.made_from = sha256_of(made_from());
  return work;
}

// Routine 01. Headers of files that have not changed are not read again.
Table CohortRun::scan(Cache& cache, Report& report, const Context& context) {
  auto read = [&](const std::string& image, std::int64_t channels) {
    const std::string key = archive_key(image);
    return names_.open(image, [&](const fs::path& file) {
      const FileState state = state_of(file);
      if (auto known = cache.header(key, state);
          known && known->channels == channels && !options_.again)
        return known;
      auto header = std::make_shared<const Header>(read_header(file, false, channels));
      cache.put_header(key, state, header);
      return header;
    });
  };
  ScannedArchive scanned = scan_archive(
      names_, listing_, recipe_, read, context, report,
      [&](const PartValues& sample) { return metadata_in_dataset(sample); },
      [&](const auto&... sample) { return outcome_of(sample...); });
  in_archive_ = std::move(scanned.samples);
  told_ = std::move(scanned.told);
  doubts_ = {scanned.doubts.begin(), scanned.doubts.end()};
  ruled_out_ = std::move(scanned.ruled_out);
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

// A sample that only lacks its mask is made without it, where the dataset has none.
std::string CohortRun::outcome_of(const PartValues& sample, Lacking lacking) const {
  const auto record = readable_record(dataset_, recipe_.sample_id(sample));
  const bool keeps = record && is_kept(*record, names_, recipe_, lacking);
  return keeps || lacking == Lacking::volume ? outcome_text(keeps) : "";
}

// Whether the dataset was made with another `where`, so that who is left out now is meant to be; or
// a run like this one, which has looked at that before it began, is not finished.
bool CohortRun::has_new_where() const {
  if (const auto work = read_unfinished(dataset_);
      work && work->made_from == sha256_of(made_from()))
    return true;
  std::error_code error;
  const fs::path file = OwnFolder(dataset_).recipe();
  if (!fs::is_regular_file(file, error)) return false;
  try {
    return load_recipe(file).where() != recipe_.where();
  } catch (const UsageError&) {
    return false;
  }
}

Plan CohortRun::plan(const std::vector<ArchiveSample>& samples, Cache& cache) const {
  const Making made = making();
  return make_plan({dataset_, made, samples, listing_.is_complete, options_.again, ruled_out_},
                   cache);
}

Plan CohortRun::others(const std::vector<ArchiveSample>& samples, Cache& cache) const {
  const Making made = making();
  return plan_of_others({dataset_, made, samples, listing_.is_complete, false, ruled_out_}, cache);
}

void CohortRun::require_right_archive(const Table& manifest,
                                      const std::vector<ArchiveSample>& samples,
                                      const Plan& planned) const {
  if (!options_.allow_removal) require_few_gone(planned, names_.root(), has_new_where());
  if (planned.elsewhere.empty() && planned.left.empty())  // else others are split, too
    require_splits(manifest, ids_of_usable(samples), recipe_);
}

// Images that fit the recipe and cannot be used, and samples that have no volume for that.
std::set<std::string> CohortRun::told_of_images(const Report& scanned) const {
  std::set<std::string> told(told_.begin(), told_.end());
  for (const Problem& problem : scanned.problems()) {
    if (doubts_.contains(problem)) continue;
    const auto key = recipe_.parse_image_path(problem.subject);
    if (key || problem.kind == ProblemKind::incomplete ||
        problem.kind == ProblemKind::duplicate_scan)
      told.insert(problem.subject);
    if (key && !key->is_mask) told.insert(recipe_.sample_id(key->parts));
  }
  return told;
}

}  // namespace nicohort
