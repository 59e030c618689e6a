#include "export/cohort.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "base/near_miss.hpp"
#include "dataset/cache.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/same_scans.hpp"
#include "dataset/split_rows.hpp"
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
  if (options.is_training && !cohort.used.fault.empty())
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
  if (options.needs_files)
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

// What exports never ask for; there may be millions of samples.
void drop_unused(const CohortOptions& options, SampleRecord& record) {
  if (record.mask) record.mask->foreground = decltype(record.mask->foreground)();
  const auto volumes = record.volumes();
  const fs::path mask = record.sample_files().mask();
  if (!options.needs_files)
    std::erase_if(record.files, [&](const auto& file) {
      const fs::path path = fs::path(record.folder) / file.first;
      return path != mask && std::find(volumes.begin(), volumes.end(), path) == volumes.end();
    });
  record.inputs = decltype(record.inputs)();
  record.steps = decltype(record.steps)();
  record.problems = decltype(record.problems)();
  record.mask_problems = decltype(record.mask_problems)();
}

// Once it is known that all are the same.
void drop_labels(std::vector<ExportSample>& samples) {
  for (ExportSample& sample : samples) {
    sample.record.labels.clear();
    sample.record.groups = LabelGroups();
  }
}

ExportSample load_sample(const ExportCohort& cohort, const CohortOptions& options,
                         const FoundSample& found, const SubsetOf& subsets, Cache& cache,
                         ProblemSink& problems) {
  auto record = readable_record(cohort.root, found.id);
  if (!record || !record->is_written())
    throw BadInput(ProblemKind::incomplete,
                   "has no record of nicohort; make the sample again with nicohort run");
  ExportSample sample;
  if (!options.is_training)
    sample.info = read_info(cohort.root, found.files(), info_keys(cohort.recipe));
  sample.record = std::move(*record);
  sample.patient = cohort.recipe.patient(part_values(sample.record, cohort.recipe));
  if (const auto subset = subsets.find(found.id); subset != subsets.end())
    sample.subset = subset->second;
  if (!sample.record.volume)
    throw BadInput(ProblemKind::incomplete, "has no volume; make the sample again");
  require_as_recorded(options, sample.record, cache);
  for (const Problem& problem : sample.record.mask_problems)
    if (problem.kind == ProblemKind::unmapped_label) problems.add(problem);
  if (!sample.has_mask() && !cohort.is_test(sample) && cohort.used.use != SplitUse::names)
    problems.add(
        ProblemKind::incomplete,
        fmt::format("is in the subset {}, but has no mask; add the mask to the archive, or "
                    "make the split again with --require_mask",
                    sample.subset));
  if (options.is_training) sample.training = training_case(sample.record);
  drop_unused(options, sample.record);
  return sample;
}

// Problems are told in the samples' order, whoever was first.
std::vector<ExportSample> load_samples(const ExportCohort& cohort, const CohortOptions& options,
                                       std::vector<FoundSample> found, const SubsetOf& subsets,
                                       const Context& context, Findings& findings) {
  Cache cache(options.root);
  ProgressAlone progress(context.listener);
  Report report(progress);
  std::vector<ExportSample> samples;
  samples.reserve(found.size());
  fold_items<ExportSample>(
      "samples", ids_of(found), {context.jobs, progress}, report,
      [&](std::size_t i, ProblemSink& problems) {
        return load_sample(cohort, options, found[i], subsets, cache, problems);
      },
      [&](std::size_t, std::optional<ExportSample> sample) {
        if (sample) samples.push_back(std::move(*sample));
      });
  cache.save();
  for (const Problem& problem : report.problems()) findings.report().add(problem);
  return samples;
}

// As the records say who is whose: a row of the split may say something else.
void find_divided_patients(const ExportCohort& cohort, Findings& findings) {
  std::map<std::string, std::map<std::string, std::vector<std::string>>> patients;  // by subset
  for (const ExportSample& sample : cohort.samples)
    if (!sample.subset.empty()) patients[sample.patient][sample.subset].push_back(sample.id());
  for (const auto& [patient, subsets] : patients) {
    if (subsets.size() < 2) continue;
    std::set<std::string> names;
    for (const auto& [subset, ids] : subsets) names.insert(subset);
    std::vector<std::string> texts;
    for (const std::string& subset : in_order(names))
      texts.push_back(fmt::format("{} ({})", subset, some_of(subsets.at(subset))));
    findings.add(patient, ProblemKind::split,
                 fmt::format("is in {} of the split {}; put all samples of the patient into one "
                             "subset",
                             fmt::join(texts, " and "), cohort.split));
  }
}

// Scans that patients or subsets share. A patient may have one twice in a subset.
void find_leaks(const std::vector<ExportSample>& samples, Findings& findings) {
  std::map<std::string, std::set<std::pair<std::string, std::string>>> of_scans;
  for (const ExportSample& sample : samples)
    for (const ChannelSummary& channel : sample.record.volume->channels)
      if (!channel.value_hash.empty())
        of_scans[channel.value_hash].emplace(sample.patient, sample.subset);
  std::vector<FingerprintedSample> leaking;
  for (const ExportSample& sample : samples) {
    const auto& channels = sample.record.volume->channels;
    if (std::any_of(channels.begin(), channels.end(), [&](const ChannelSummary& channel) {
          return of_scans[channel.value_hash].size() > 1;
        }))
      leaking.push_back({sample.id(), channels});
  }
  for (const Problem& problem : same_scans(leaking)) findings.report().add(problem);
}

// The labels, groups and channels of all samples, which must be the same.
void find_common(ExportCohort& cohort, Findings& findings) {
  bool has_labels = false;
  for (const ExportSample& sample : cohort.samples) {
    const SampleRecord& record = sample.record;
    std::vector<std::string> channels;
    for (const ChannelSummary& channel : record.volume->channels) channels.push_back(channel.name);
    if (cohort.channels.empty()) cohort.channels = channels;
    if (channels != cohort.channels)
      findings.add(sample.id(), ProblemKind::unfinished_work,
                   "has other channels than the samples before it; run nicohort run again");
    if (!sample.has_mask()) continue;
    if (!has_labels) cohort.labels = record.labels, cohort.groups = record.groups;
    has_labels = true;
    if (record.labels != cohort.labels || record.groups != cohort.groups)
      findings.add(sample.id(), ProblemKind::unfinished_work,
                   "has other labels than the samples before it; run extract_binary_masks, or "
                   "nicohort run, again");
  }
}

}  // namespace

bool divides_patients(const ExportCohort& cohort) {
  std::set<std::string> patients;
  for (const ExportSample& sample : cohort.samples)
    if (!cohort.is_test(sample) && !patients.insert(sample.patient).second) return true;
  return false;
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
  cohort.samples =
      load_samples(cohort, options, std::move(dataset.samples), subsets, context, findings);
  find_divided_patients(cohort, findings);
  find_common(cohort, findings);
  if (options.is_training) drop_labels(cohort.samples);
  find_leaks(cohort.samples, findings);
  return cohort;
}

}  // namespace nicohort
