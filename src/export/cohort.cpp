#include "export/cohort.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "dataset/cache.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/manifest.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/same_scans.hpp"
#include "image/geometry.hpp"
#include "split/rows.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using SubsetOf = std::map<std::string, std::string>;  // of a split, by ID

// The worksheet of a split, by exactly its name.
Table read_split_table(const fs::path& manifest, const std::string& split) {
  const std::vector<std::string> sheets = sheet_names(manifest);
  for (const std::string& sheet : sheets)
    if (!is_among(split, sheets) && lower_case(sheet) == lower_case(split))
      throw UsageError(fmt::format("--split {}: {} has no such worksheet; did you mean {}?", split,
                                   manifest.string(), sheet));
  Table table = read_table(manifest, split);
  if (!table.find(split))
    throw UsageError(
        fmt::format("--split {0}: this worksheet of {1} is not a split, which has a column {0}; "
                    "name another one, or make the split with make_split",
                    split, manifest.string()));
  return table;
}

// By which the split was made; none where the dataset does not know.
std::vector<SplitRule> rules_of(const CohortOptions& options) {
  const auto splits = read_dataset_file(options.root).splits;
  std::error_code error;
  const auto of_manifest =
      splits.find(fs::relative(options.manifest, options.root, error).generic_string());
  if (error || of_manifest == splits.end()) return {};
  const auto rules = of_manifest->second.find(options.split);
  return rules == of_manifest->second.end() ? std::vector<SplitRule>() : rules->second;
}

SubsetOf read_split(ExportCohort& cohort, const CohortOptions& options, Findings& findings) {
  const Table table = read_split_table(options.manifest, cohort.split);
  const std::string where =
      fmt::format("{}, worksheet {}", options.manifest.string(), cohort.split);
  const auto columns = require_columns(table, {cohort.split, "ID"}, where);
  const SplitManifest rows(where, table, cohort.recipe, "--");  // of which each can be right
  SubsetOf subsets;
  std::set<std::string> names;
  for (const auto& row : table.rows) {
    const std::string subset = to_text(row[columns[0]]), id = to_text(row[columns[1]]);
    subsets.emplace(id, subset);
    if (subset.empty())
      findings.add(id, ProblemKind::split,
                   fmt::format("has no subset in the split {}; fill it in", cohort.split));
    else
      names.insert(subset);
  }
  cohort.used = used_split(names, rules_of(options));
  if (options.use == CohortUse::training && !cohort.used.fault.empty())
    throw UsageError(fmt::format("--split {}: {}", cohort.split, cohort.used.fault));
  return subsets;
}

// Leaves out the samples that the split does not have.
SubsetOf keep_samples_of_split(ExportCohort& cohort, std::vector<FoundSample>& found,
                               const CohortOptions& options, Findings& findings) {
  SubsetOf subsets = read_split(cohort, options, findings);
  std::vector<std::string> others;
  std::erase_if(found, [&](const FoundSample& sample) {
    if (subsets.contains(sample.id)) return false;
    others.push_back(sample.id);
    return true;
  });
  if (!others.empty())
    findings.report().listener().summary(
        fmt::format("{} not in the split {}, left out: {}. If one was added since the split was "
                    "made, make the split again.",
                    counted(others.size(), "sample"), cohort.split, some_of(others)));
  for (const auto& [id, subset] : subsets)
    if (!std::binary_search(found.begin(), found.end(), FoundSample{id},
                            [](const auto& a, const auto& b) { return a.id < b.id; }))
      findings.add(id, ProblemKind::split,
                   fmt::format("is in the split {}, but not in the dataset; make the split again",
                               cohort.split));
  return subsets;
}

PartValues part_values(const SampleRecord& record, const Recipe& recipe) {
  PartValues values(recipe.parts().size());
  for (const auto& [name, value] : record.parts)
    if (const auto index = recipe.part_index(name)) values[*index] = value;
  return values;
}

void require_as_recorded(const CohortOptions& options, const SampleRecord& record, Cache& cache) {
  std::vector<fs::path> files = record.volumes();
  if (record.mask) files.push_back(record.sample_files().mask());
  files.push_back(record.sample_files().info());
  if (options.use == CohortUse::manifest)
    for (const auto& [name, sha256] : record.files)
      if (const fs::path file = fs::path(record.folder) / name;
          std::find(files.begin(), files.end(), file) == files.end())
        files.push_back(file);
  std::error_code error;
  for (const fs::path& file : files)
    if (!is_as_recorded(options.root, record, file, &cache))
      throw BadInput(
          file.generic_string(), ProblemKind::changed_file,
          fmt::format(
              "{}; restore it from a backup, or make the sample again with nicohort run",
              fs::exists(options.root / file, error) ? "is not as it was written" : "is missing"));
}

// A sample, and what it must have in common with the others.
struct LoadedSample {
  ExportSample sample;
  std::vector<std::string> channels;  // by name
  LabelNames labels;
  LabelGroups groups;
  // As the cohort's use wants them.
  std::optional<SampleInfo> info;
  std::optional<SampleDescription> description;
};

// Of a file that is as recorded.
Sha256Bytes checksum_of(const SampleRecord& record, const fs::path& file) {
  return sha256_bytes(record.files.at(file.filename().string())).value();
}

LoadedSample loaded(SampleRecord&& record, const ExportCohort& cohort) {
  LoadedSample loaded;
  ExportSample& sample = loaded.sample;
  sample.id = record.id;
  sample.folder = record.folder;
  sample.patient = cohort.recipe.patient(part_values(record, cohort.recipe));
  for (ChannelSummary& channel : record.volume->channels) {
    sample.not_finite += channel.not_finite;
    sample.channels.push_back({checksum_of(record, record.sample_files().volume(channel.name)),
                               channel.is_blank ? "" : std::move(channel.value_hash)});
    loaded.channels.push_back(std::move(channel.name));
  }
  sample.channels.shrink_to_fit();
  sample.has_shear = !to_quaternion(record.volume->geometry.affine).exact;
  if (!record.mask) return loaded;
  sample.mask = checksum_of(record, record.sample_files().mask());
  sample.is_mask_empty = record.mask->voxels.empty();
  sample.lowest_in_mask = record.mask->intensity.min;
  loaded.labels = std::move(record.labels);
  loaded.groups = std::move(record.groups);
  return loaded;
}

LoadedSample load_sample(const ExportCohort& cohort, const CohortOptions& options,
                         const FoundSample& found, const SubsetOf& subsets, Cache& cache,
                         ProblemSink& problems) {
  auto record = readable_record(cohort.root, found.id);
  if (!record || !record->is_written())
    throw BadInput(ProblemKind::incomplete,
                   "has no record of nicohort; make the sample again with nicohort run");
  std::optional<SampleInfo> info;
  if (options.use != CohortUse::training)
    info = read_info(cohort.root, found.files(), info_keys(cohort.recipe));
  if (!record->volume)
    throw BadInput(ProblemKind::incomplete, "has no volume; make the sample again");
  require_as_recorded(options, *record, cache);
  for (const Problem& problem : record->mask_problems)
    if (problem.kind == ProblemKind::unmapped_label) problems.add(problem);
  std::optional<SampleDescription> description;
  if (options.use == CohortUse::manifest) description = describe(*record, *info);
  std::optional<TrainingCase> training;
  if (options.use == CohortUse::training) training = training_case(*record);
  LoadedSample sample = loaded(std::move(*record), cohort);
  sample.info = std::move(info);
  sample.description = std::move(description);
  sample.sample.training = std::move(training);
  if (const auto subset = subsets.find(found.id); subset != subsets.end())
    sample.sample.subset = subset->second;
  if (!sample.sample.has_mask() && !cohort.is_test(sample.sample) &&
      cohort.used.use != SplitUse::names)
    problems.add(
        ProblemKind::incomplete,
        fmt::format("is in the subset {}, but has no mask; add the mask to the archive, or "
                    "make the split again with --require_mask (in a recipe: `require_mask: true`)",
                    sample.sample.subset));
  return sample;
}

// Puts the samples into the cohort, one by one. The labels, groups and channels of all must be the
// same.
class CohortBuilder {
 public:
  explicit CohortBuilder(ExportCohort& cohort) : cohort_(cohort) {}

  void add(LoadedSample&& loaded) {
    require_common(loaded);
    if (loaded.description)
      manifest_.add(*loaded.description);
    else if (loaded.info)
      cohort_.infos.push_back(std::move(*loaded.info));
    cohort_.samples.push_back(std::move(loaded.sample));
  }
  // What is wrong with them together.
  std::vector<Problem> finish() && {
    cohort_.manifest = std::move(manifest_).table();
    return std::move(differences_);
  }

 private:
  void require_common(LoadedSample& loaded) {
    const std::string& id = loaded.sample.id;
    if (cohort_.samples.empty()) cohort_.channels = loaded.channels;
    if (loaded.channels != cohort_.channels)
      differences_.push_back({id, ProblemKind::unfinished_work,
                              "has other channels than the other samples; run nicohort run again"});
    if (!loaded.sample.has_mask()) return;
    if (!has_labels_) {
      cohort_.labels = std::move(loaded.labels);
      cohort_.groups = std::move(loaded.groups);
      has_labels_ = true;
    } else if (loaded.labels != cohort_.labels || loaded.groups != cohort_.groups) {
      differences_.push_back(
          {id, ProblemKind::unfinished_work,
           "has other labels than the other samples; run extract_binary_masks, or nicohort run, "
           "again"});
    }
  }

  ExportCohort& cohort_;
  DatasetTable manifest_;
  bool has_labels_ = false;
  std::vector<Problem> differences_;
};

// Problems are told in the samples' order, whoever was first. Gives what is wrong with the samples
// together.
std::vector<Problem> load_samples(ExportCohort& cohort, const CohortOptions& options,
                                  std::vector<FoundSample> found, const SubsetOf& subsets,
                                  const Context& context, Findings& findings) {
  Cache cache(options.root, Cache::Headers::left);
  ProgressAlone progress(context.listener);
  Report report(progress);
  CohortBuilder builder(cohort);
  cohort.samples.reserve(found.size());
  fold_items<LoadedSample>(
      "samples", ids_of(found), {context.jobs, progress}, report,
      [&](std::size_t i, ProblemSink& problems) {
        return load_sample(cohort, options, found[i], subsets, cache, problems);
      },
      [&](std::size_t, std::optional<LoadedSample> sample) {
        if (sample) builder.add(std::move(*sample));
      });
  cache.save_news();
  for (const Problem& problem : report.problems()) findings.report().add(problem);
  return std::move(builder).finish();
}

// As the records say who is whose: a row of the split may say something else.
void find_divided_patients(const ExportCohort& cohort, Findings& findings) {
  std::unordered_map<std::string_view, std::string_view> subset_of;
  std::map<std::string_view, std::map<std::string, std::vector<std::string>>> divided;
  for (const ExportSample& sample : cohort.samples)
    if (!sample.subset.empty())
      if (const auto known = subset_of.emplace(sample.patient, sample.subset).first;
          known->second != sample.subset)
        divided[sample.patient];
  if (divided.empty()) return;
  for (const ExportSample& sample : cohort.samples)
    if (const auto patient = divided.find(sample.patient);
        patient != divided.end() && !sample.subset.empty())
      patient->second[sample.subset].push_back(sample.id);
  for (const auto& [patient, subsets] : divided) {
    std::set<std::string> names;
    for (const auto& [subset, ids] : subsets) names.insert(subset);
    std::vector<std::string> texts;
    for (const std::string& subset : in_order(names))
      texts.push_back(fmt::format("{} ({})", subset, some_of(subsets.at(subset))));
    findings.add(std::string(patient), ProblemKind::split,
                 fmt::format("is in {} of the split {}; put all samples of the patient into one "
                             "subset",
                             fmt::join(texts, " and "), cohort.split));
  }
}

// Scans that patients or subsets share. A patient may have one twice in a subset.
void find_leaks(const ExportCohort& cohort, Findings& findings) {
  const auto& samples = cohort.samples;
  std::unordered_map<std::string_view, std::size_t> first_of_scan;
  std::unordered_set<std::string_view> shared;
  for (std::size_t i = 0; i < samples.size(); ++i)
    for (const ExportChannel& channel : samples[i].channels)
      if (!channel.value_hash.empty()) {
        const auto& first = samples[first_of_scan.emplace(channel.value_hash, i).first->second];
        if (first.patient != samples[i].patient || first.subset != samples[i].subset)
          shared.insert(channel.value_hash);
      }
  std::vector<FingerprintedSample> leaking;
  for (const ExportSample& sample : samples) {
    if (sample.channels.size() != cohort.channels.size()) continue;  // a finding of its own
    if (std::none_of(
            sample.channels.begin(), sample.channels.end(),
            [&](const ExportChannel& channel) { return shared.contains(channel.value_hash); }))
      continue;
    FingerprintedSample& with_names = leaking.emplace_back(FingerprintedSample{sample.id, {}});
    for (std::size_t i = 0; i < sample.channels.size(); ++i)
      with_names.channels.push_back({cohort.channels[i], sample.channels[i].value_hash});
  }
  for (const Problem& problem : same_scans(leaking)) findings.report().add(problem);
}

}  // namespace

bool divides_patients(const ExportCohort& cohort) {
  std::unordered_set<std::string_view> patients;
  for (const ExportSample& sample : cohort.samples)
    if (!cohort.is_test(sample) && !patients.insert(sample.patient).second) return true;
  return false;
}

DatasetImage ExportCohort::volume_of(const ExportSample& sample, std::size_t channel) const {
  return {sample.files().volume(channels[channel]).generic_string(),
          sample.channels[channel].sha256};
}

DatasetImage ExportCohort::mask_of(const ExportSample& sample) const {
  return {sample.files().mask().generic_string(), *sample.mask};
}

ExportCohort load_cohort(const CohortOptions& options, const Context& context, Findings& findings) {
  require_folder(options.root, "--root_dir");
  Dataset dataset = Dataset::open(options.root, {DatasetUse::finished, {}, {}}, context.listener);
  ExportCohort cohort{.root = options.root,
                      .recipe = std::move(dataset.recipe),
                      .lock = std::move(dataset.lock),
                      .split = options.split};
  for (const Problem& problem : dataset.problems) findings.report().add(problem);
  if (!dataset.steps_differ.empty()) context.listener.warning(dataset.steps_differ);
  SubsetOf subsets;
  if (!options.split.empty())
    subsets = keep_samples_of_split(cohort, dataset.samples, options, findings);
  const auto differences =
      load_samples(cohort, options, std::move(dataset.samples), subsets, context, findings);
  find_divided_patients(cohort, findings);
  for (const Problem& problem : differences) findings.report().add(problem);
  find_leaks(cohort, findings);
  return cohort;
}

}  // namespace nicohort
