#include "verify/verify_dataset.hpp"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <set>

#include "base/below.hpp"
#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/checksums.hpp"
#include "dataset/dataset.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/review.hpp"
#include "dataset/same_scans.hpp"
#include "dataset/unfinished.hpp"
#include "split/make_split.hpp"
#include "verify/verify_sample.hpp"
#include "verify/verify_tables.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Files in the folders of samples that are no sample's. What lies beside these folders is the
// user's.
void find_additions(const Dataset& dataset, const Checksums& tables, Report& report) {
  const fs::path& root = dataset.root;
  std::set<fs::path> tops, folders;
  for (const FoundSample& sample : dataset.samples) {
    const fs::path folder = sample.files().folder;
    tops.insert(*folder.begin());
    folders.insert(folder);
  }
  for (const fs::path& top : tops) {
    if (folders.contains(top)) continue;
    std::error_code error;
    fs::recursive_directory_iterator entry(root / top, error), end;
    for (; !error && entry != end; entry.increment(error)) {
      const fs::path path = entry->path().lexically_relative(root);
      if (folders.contains(path))
        entry.disable_recursion_pending();  // verify_sample looks into it
      else if ((entry->is_symlink() || !entry->is_directory()) &&
               !tables.contains(path.generic_string()))
        report.add(problem_of_addition(path));
    }
  }
}

bool leads_below(const fs::path& root, const fs::path& file) {
  try {
    require_below(root, file, "dataset");
    return true;
  } catch (const BadInput&) {
    return false;
  }
}

// How many are as written.
std::size_t verify_table_files(const fs::path& root, const Checksums& tables, Report& report) {
  const std::string list = OwnFolder(root).dataset_file().lexically_relative(root).generic_string();
  std::size_t agree = 0;
  for (const auto& [file, sha256] : tables) {
    std::error_code error;
    if (!is_below(file))
      report.add(list, ProblemKind::table,
                 fmt::format("names {}, which is not below the dataset", file));
    else if (!fs::exists(root / file, error))
      report.add(file, ProblemKind::incomplete,
                 "is missing; restore it from a backup, or write it again");
    else if (!leads_below(root, root / file))
      report.add(file, ProblemKind::layout,
                 "leads out of the dataset by a symbolic link; replace it by the file itself");
    else if (!fs::is_regular_file(root / file, error))
      report.add(file, ProblemKind::unreadable_file, "is not a regular file");
    else if (sha256_of_file(root / file) != sha256)
      report.add(file, ProblemKind::changed_file,
                 "has changed since it was written; restore it from a backup, or write it again");
    else
      ++agree;
  }
  return agree;
}

// The list is made from the records and dataset.json; it may be missing.
void verify_list(const fs::path& root, Report& report) {
  if (is_list_right(root)) return;
  const Checksums listed = read_checksums(root), recorded = recorded_checksums(root);
  if (listed.empty() || listed == recorded) return;
  std::size_t differ = 0;
  for (const auto& [file, sha256] : recorded) {
    const auto found = listed.find(file);
    differ += found == listed.end() || found->second != sha256;
  }
  for (const auto& [file, sha256] : listed) differ += !recorded.contains(file);
  report.add(
      OwnFolder(root).checksums().lexically_relative(root).generic_string(), ProblemKind::table,
      fmt::format(
          "differs from the records in {}; delete it: the next command that writes makes it again",
          counted(differ, "file")));
}

std::size_t verify_own_files(const Dataset& dataset, Report& report) {
  std::size_t agree = 0;
  try {
    const Checksums tables = read_dataset_file(dataset.root).tables;
    find_additions(dataset, tables, report);
    agree = verify_table_files(dataset.root, tables, report);
    // A command writes it at its end.
    if (!read_unfinished(dataset.root)) verify_list(dataset.root, report);
  } catch (const BadInput& bad) {
    report.add(problem_of(bad));
  }
  return agree;
}

std::string patient_by_info(const SampleInfo& info, const Recipe& recipe) {
  PartValues parts;
  for (const auto& [part, value] : info.parts) parts.push_back(value);
  return recipe.patient(parts);
}

// How the splits of the manifest were made. That the list is damaged is told elsewhere.
std::map<std::string, std::vector<SplitRule>> plans_of(const fs::path& root,
                                                       const fs::path& manifest) {
  std::error_code error;
  const fs::path path =
      fs::weakly_canonical(manifest, error).lexically_relative(fs::weakly_canonical(root, error));
  try {
    const DatasetFile file = read_dataset_file(root);
    const auto known = file.splits.find(path.generic_string());
    if (known != file.splits.end()) return known->second;
  } catch (const BadInput&) {  // by verify_own_files()
  }
  return {};
}

// Who was rejected may be missing from the splits.
Review review_of_dataset(const fs::path& named, const fs::path& manifest, Report& report) {
  const fs::path file = named.empty() ? review_beside(manifest) : named;
  std::error_code error;
  try {
    return !named.empty() || fs::exists(file, error) ? read_review(file) : Review();
  } catch (const BadInput& bad) {
    report.add(file.string(), bad.kind(), bad.what());
  } catch (const UsageError& wrong) {
    report.add(problem_of(wrong, file, file.string()));
  }
  return {};
}

}  // namespace

VerifiedDataset verify_dataset(const VerifyOptions& options, const Context& context,
                               Report& report) {
  const fs::path& root = options.root_dir;
  const fs::path manifest = options.manifest_file.empty() ? root / "dataset_manifest.xlsx"
                                                          : options.manifest_file,
                 index_manifests = options.index_manifest_dir.empty() ? root / splits_folder
                                                                      : options.index_manifest_dir;
  const Dataset dataset =
      Dataset::open(root, {DatasetUse::as_it_is, options.recipe, {}}, report.listener());
  const std::vector<FoundSample>& samples = dataset.samples;
  for (const Problem& problem : dataset.problems) report.add(problem);
  const bool has_records = std::any_of(samples.begin(), samples.end(),
                                       [](const auto& sample) { return sample.has_record; });
  if (!has_records)
    report.add(OwnFolder::name, ProblemKind::incomplete,
               "has no records, so nothing can be compared with what was written; restore it from "
               "a backup, or make the dataset again with confirm_pairs or run");
  VerifiedDataset result;
  result.samples = samples.size();
  result.told = dataset.steps_differ;

  DatasetTable manifest_rows;
  std::map<std::string, std::string> patients;
  std::vector<FingerprintedSample> volumes;
  fold_items<VerifiedSample>(
      "samples", ids_of(samples), context, report,
      [&](std::size_t i, ProblemSink& problems) {
        require_below(root, samples[i].files());
        return verify_sample(dataset, samples[i], problems);
      },
      [&](std::size_t i, std::optional<VerifiedSample> verified) {
        if (!verified) return;
        volumes.push_back({samples[i].id, std::move(verified->channels)});
        result.files += verified->checksums;
        if (!verified->description) return;
        manifest_rows.add(*verified->description);
        patients.emplace(samples[i].id,
                         patient_by_info(verified->description->info, dataset.recipe));
      });
  for (const Problem& problem : same_scans(volumes)) report.add(problem);
  volumes = decltype(volumes)();
  result.files += verify_own_files(dataset, report);
  malloc_trim(0);  // of the threads that read samples
  const Review review = review_of_dataset(options.review_file, manifest, report);
  if (std::error_code error; options.manifest_file.empty() && !fs::exists(manifest, error)) {
    report.add(manifest.string(), ProblemKind::table,
               "there is no such file; nicohort run writes it at its end, also after all shards, "
               "and gen_dataset_manifest for the single commands");
    return result;
  }
  const auto plans = plans_of(root, manifest);
  const VerifiedTables tables = verify_tables(
      {manifest, options.sheet_name, index_manifests}, std::move(manifest_rows).table(),
      {root, patients, dataset.recipe, plans, review}, report);
  result.splits = tables.splits;
  result.index_manifests = tables.index_manifests;
  return result;
}

}  // namespace nicohort
