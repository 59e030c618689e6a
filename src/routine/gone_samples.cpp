#include "routine/gone_samples.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/sha256.hpp"
#include "cohort/below.hpp"
#include "record/older_samples.hpp"
#include "record/sample_record.hpp"
#include "routine/command.hpp"
#include "run/archive_image.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

using Owners = std::map<std::string, std::string>;  // IDs by image

struct OlderSample {
  std::vector<InputFile> inputs;
  fs::path folder;           // below the dataset; empty: it has no files
  bool is_of_a_run = false;  // so that its images are of this archive
};

std::string site_of(const fs::path& folder) {
  return folder.empty() ? "" : folder.begin()->string();
}

// In the journal or on record.
std::map<std::string, OlderSample> older_samples(const RunState& run) {
  const fs::path dataset = run.root() / dataset_folder;
  std::map<std::string, OlderSample> older;
  for (const auto& [id, outcome] : run.journal.samples()) {
    OlderSample& sample = older[id];
    sample.is_of_a_run = true;
    for (const FileRecord& input : outcome.inputs)
      sample.inputs.push_back({image_of(input), input.sha256});
    if (!outcome.outputs.empty())
      sample.folder =
          fs::path(outcome.outputs.front().path).parent_path().lexically_relative(dataset_folder);
  }
  for (const std::string& id : record_ids(dataset)) {
    if (older.contains(id)) continue;
    if (auto record = readable_record(dataset, id))
      older[id] = {std::move(record->inputs), sample_folder(*record), false};
  }
  std::error_code error;
  for (auto& [id, sample] : older)
    if (!sample.folder.empty() && !fs::exists(dataset / sample.folder, error))
      sample.folder.clear();
  return older;
}

// Gone from the archive, not merely unreadable.
bool is_gone(const RunState& run, const InputFile& input) {
  const auto file = run.names.find(input.path);
  if (!file) return run.listing.is_complete;
  std::error_code error;
  return fs::symlink_status(*file, error).type() == fs::file_type::not_found;
}

// An image of the same path may be of another archive if no run made the sample.
bool is_the_same(const RunState& run, const OlderSample& sample, const InputFile& input) {
  if (sample.is_of_a_run) return true;
  try {
    return run.names.open(input.path, sha256_of_file) == input.sha256;
  } catch (const BadInput&) {
    return false;
  }
}

// Another sample that has one of its images now; empty: none has.
std::string new_owner(const RunState& run, const std::string& id, const OlderSample& sample,
                      const Owners& owners) {
  for (const InputFile& input : sample.inputs)
    if (auto owner = owners.find(input.path);
        owner != owners.end() && owner->second != id && is_the_same(run, sample, input))
      return owner->second;
  return "";
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error)
    throw MachineError(
        fmt::format("cannot remove {}: {}; check the permissions, and start the "
                    "same command again",
                    file.string(), error.message()));
}

// A record may come from somebody else, and name files of another sample.
bool is_own_file(const GoneSample& sample, const fs::path& file) {
  return file.parent_path() == sample.folder &&
         file.filename().string().starts_with(sample.id + "_");
}

// All files that nicohort made of the sample, and its folders if nothing else is in them.
void remove_files(const RunState& run, const GoneSample& sample) {
  const fs::path dataset = run.root() / dataset_folder;
  std::set<fs::path> files;
  if (const auto outcome = run.journal.sample(sample.id))
    for (const FileRecord& file : outcome->outputs) files.insert(run.root() / file.path);
  if (const auto record = readable_record(dataset, sample.id))
    for (const auto& [file, sha256] : record->files)
      if (is_own_file(sample, file)) files.insert(dataset / file);
  if (!sample.folder.empty()) {
    require_below(dataset, dataset / sample.folder / (sample.id + "_info.yaml"), "dataset");
    files.insert(dataset / sample.folder / (sample.id + "_info.yaml"));
  }
  const fs::path report = run.root() / report_folder;
  require_below(report, report / thumbnail_path(sample.id), "report");
  files.insert(report / thumbnail_path(sample.id));
  for (const fs::path& file : files) remove_file(file);
  std::error_code not_empty;
  for (fs::path folder = sample.folder; !folder.empty(); folder = folder.parent_path())
    fs::remove(dataset / folder, not_empty);
}

}  // namespace

OlderDataset older_dataset(const RunState& run, const std::vector<ArchiveSample>& samples) {
  Owners owners;
  std::set<std::string> ids;
  for (const ArchiveSample& sample : samples) {
    ids.insert(sample.info.id);
    for (const std::string& image : {sample.volume, sample.mask})
      if (!image.empty()) owners[image] = sample.info.id;
  }
  const auto& sites = run.recipe.sites();
  OlderDataset dataset;
  std::map<std::string, std::pair<std::size_t, std::size_t>> folders;  // all samples, missing ones
  for (const auto& [id, sample] : older_samples(run)) {
    const bool is_listed = ids.contains(id);
    const std::string now = new_owner(run, id, sample, owners);
    const bool is_known =
        sample.is_of_a_run || !now.empty() ||
        std::find(sites.begin(), sites.end(), site_of(sample.folder)) != sites.end();
    if (!is_known) continue;
    const bool is_missing =
        !is_listed && now.empty() && (sample.is_of_a_run || !sample.inputs.empty()) &&
        std::all_of(sample.inputs.begin(), sample.inputs.end(),
                    [&](const InputFile& input) { return is_gone(run, input); });
    if (is_missing || !now.empty()) dataset.gone.push_back({id, sample.folder, now});
    if (sample.folder.empty()) continue;
    auto& [all, missing] = folders[sample.folder.parent_path().generic_string()];
    all += 1;
    missing += is_missing;
    dataset.all += 1;
    dataset.missing += is_missing;
  }
  for (const auto& [folder, count] : folders)
    if (count.first == count.second) dataset.folders.push_back(folder);
  return dataset;
}

void require_removal_allowed(const RunState& run, const OlderDataset& dataset) {
  if (run.options.allow_removal || (10 * dataset.missing <= dataset.all && dataset.folders.empty()))
    return;
  throw UsageError(fmt::format(
      "{}: the images of {} of the {} in {} are gone{}{}; if a disk is missing, bring it back and "
      "start again; if they were taken out on purpose, give --allow_removal, which takes them out "
      "of the dataset, too (--dry_run names them)",
      run.names.root().string(), dataset.missing, counted(dataset.all, "sample"),
      (run.root() / dataset_folder).string(), dataset.folders.empty() ? "" : ", all of ",
      fmt::join(dataset.folders, ", ")));
}

std::string reason(const GoneSample& sample) {
  return sample.id + (sample.now.empty() ? ": no longer in the archive"
                                         : fmt::format(": its images are {} now", sample.now));
}

void remove_gone_samples(RunState& run, const std::vector<GoneSample>& gone) {
  for (const GoneSample& sample : gone) {
    try {
      remove_files(run, sample);
    } catch (const BadInput& bad) {
      run.problems.add(sample.id, bad.what());
      run.is_complete = false;
      continue;
    }
    remove_record(run.root() / dataset_folder, sample.id);
    run.journal.remove_sample(sample.id);
    if (!sample.folder.empty()) say("removed " + reason(sample));
  }
}

bool report_older(const RunState& run, const std::vector<ArchiveSample>& samples, Report& report) {
  std::set<std::string> sites = sites_of(samples), known;
  sites.insert(run.recipe.sites().begin(), run.recipe.sites().end());
  for (const ArchiveSample& sample : samples) known.insert(sample.info.id);
  for (const auto& [id, sample] : older_samples(run))
    if (sample.is_of_a_run) sites.insert(site_of(sample.folder));
  return report_older_samples(run.root() / dataset_folder, sites, known, report);
}

}  // namespace nicohort
