#include "export/cohort.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "base/named_path.hpp"
#include "dataset/cache.hpp"
#include "dataset/manifest.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/same_scans.hpp"
#include "dataset/split_rows.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using SubsetOf = std::map<std::string, std::string>;  // of a split, by ID

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What the subsets are for, by their names: numbers and `leave_out` are folds.
void find_use(ExportCohort& cohort, const std::set<std::string>& subsets) {
  const std::set<std::string> usual{"train", "val", "test"};
  std::set<std::string> others;
  std::set_difference(subsets.begin(), subsets.end(), usual.begin(), usual.end(),
                      std::inserter(others, others.end()));
  if (others.empty()) {
    cohort.use = SplitUse::subsets;
    return;
  }
  if (subsets.contains("train") || subsets.contains("val"))
    throw UsageError(fmt::format(
        "--split {}: has the subsets {}; export takes train, val and test, or the folds of a "
        "cross-validation and test",
        cohort.split, fmt::join(in_order(subsets), ", ")));
  cohort.use = SplitUse::folds;
  cohort.folds = in_order(others);
  if (cohort.folds.size() < 2)
    throw UsageError(fmt::format("--split {}: has the fold {} only; cross-validation needs two",
                                 cohort.split, cohort.folds.front()));
  if (std::all_of(others.begin(), others.end(), is_number))
    for (std::size_t i = 0; i < cohort.folds.size(); ++i)
      if (cohort.folds[i] != std::to_string(i))
        throw UsageError(fmt::format("--split {}: has the folds {}, without {}; make it again",
                                     cohort.split, fmt::join(cohort.folds, ", "), i));
}

SubsetOf read_split(ExportCohort& cohort, const fs::path& manifest, Findings& findings) {
  const Table table = read_table(manifest, cohort.split);
  const std::string where = fmt::format("{}, worksheet {}", manifest.string(), cohort.split);
  const auto columns = require_columns(table, {cohort.split, "ID"}, where);
  for (const auto& [patient, sides] : sides_of_patients(table, cohort.recipe, where))
    if (sides.size() > 1)
      findings.add(patient, ProblemKind::split,
                   fmt::format("is in {} of the split {}; put all samples of the patient into one "
                               "subset",
                               fmt::join(in_order(sides), " and "), cohort.split));
  SubsetOf subsets;
  std::set<std::string> names;
  for (const auto& row : table.rows) {
    const std::string subset = to_text(row[columns[0]]), id = to_text(row[columns[1]]);
    if (subset.empty()) {
      findings.add(id, ProblemKind::split,
                   fmt::format("has no subset in the split {}; fill it in", cohort.split));
      continue;
    }
    if (!subsets.emplace(id, subset).second)
      findings.add(id, ProblemKind::split,
                   fmt::format("is in two rows of the split {}; remove one", cohort.split));
    names.insert(subset);
  }
  find_use(cohort, names);
  return subsets;
}

PartValues part_values(const SampleRecord& record, const Recipe& recipe) {
  PartValues values(recipe.parts().size());
  for (const auto& [name, value] : record.parts)
    if (const auto index = recipe.part_index(name)) values[*index] = value;
  return values;
}

void require_as_recorded(const fs::path& root, const SampleRecord& record, Cache& cache) {
  std::vector<fs::path> files = record.volumes();
  if (record.mask) files.push_back(record.sample_files().mask());
  files.push_back(record.sample_files().info());
  for (const fs::path& file : files)
    if (!is_as_recorded(root, record, file, &cache))
      throw BadInput(file.generic_string(), ProblemKind::changed_file,
                     "is not as it was written; restore it from a backup, or make the sample again "
                     "with nicohort run");
}

ExportSample load_sample(const ExportCohort& cohort, const FoundSample& found, const InfoKeys& keys,
                         const SubsetOf& subsets, Cache& cache, ProblemSink& problems) {
  if (!found.is_written())
    throw BadInput(ProblemKind::incomplete,
                   "has no record of nicohort; make the sample again with nicohort run");
  ExportSample sample{*found.record, read_info(cohort.root, found.files(), keys), {}, {}};
  sample.patient = cohort.recipe.patient(part_values(sample.record, cohort.recipe));
  if (const auto subset = subsets.find(found.id); subset != subsets.end())
    sample.subset = subset->second;
  if (!sample.record.volume)
    throw BadInput(ProblemKind::incomplete, "has no volume; make the sample again");
  require_as_recorded(cohort.root, sample.record, cache);
  for (const Problem& problem : sample.record.mask_problems)
    if (problem.kind == ProblemKind::unmapped_label) problems.add(problem);
  if (!sample.has_mask() && !cohort.is_test(sample))
    problems.add(
        ProblemKind::incomplete,
        fmt::format("is in the subset {}, but has no mask; add the mask to the archive, or "
                    "make the split again with --require_mask",
                    sample.subset));
  return sample;
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

ExportCohort load_cohort(const fs::path& root, const fs::path& manifest, const std::string& split,
                         const Context& context, Findings& findings) {
  require_folder(root, "--root_dir");
  Dataset dataset = Dataset::open(root, {DatasetUse::finished, {}, {}}, context.listener);
  ExportCohort cohort{.root = root,
                      .recipe = std::move(dataset.recipe),
                      .lock = std::move(dataset.lock),
                      .split = split};
  for (const Problem& problem : dataset.problems) findings.report().add(problem);
  if (!dataset.steps_differ.empty()) context.listener.warning(dataset.steps_differ);
  SubsetOf subsets;
  std::vector<FoundSample>& found = dataset.samples;
  if (!split.empty()) {
    subsets = read_split(cohort, manifest, findings);
    const std::size_t all = found.size();
    std::erase_if(found, [&](const FoundSample& sample) { return !subsets.contains(sample.id); });
    if (found.size() < all)
      context.listener.summary(fmt::format("{} not in the split {}, left out.",
                                           counted(all - found.size(), "sample"), split));
    for (const auto& [id, subset] : subsets)
      if (!std::binary_search(found.begin(), found.end(), FoundSample{id},
                              [](const auto& a, const auto& b) { return a.id < b.id; }))
        findings.add(
            id, ProblemKind::split,
            fmt::format("is in the split {}, but not in the dataset; make the split again", split));
  }
  Cache cache(root);
  const InfoKeys keys = info_keys(cohort.recipe);
  auto loaded = map_items<ExportSample>(
      "samples", ids_of(found), context, findings.report(), [&](std::size_t i, ProblemSink& sink) {
        return load_sample(cohort, found[i], keys, subsets, cache, sink);
      });
  cache.save();
  for (auto& sample : loaded)
    if (sample) cohort.samples.push_back(std::move(*sample));
  find_common(cohort, findings);
  find_leaks(cohort.samples, findings);
  return cohort;
}

}  // namespace nicohort
