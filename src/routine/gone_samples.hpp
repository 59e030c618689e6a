// The samples of a dataset that its archive no longer has, or has under other IDs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohort/archive_sample.hpp"
#include "routine/run_state.hpp"

namespace nicohort {

struct GoneSample {
  std::string id;
  std::filesystem::path folder;  // below the dataset; empty: it has no files
  std::string now;               // the sample whose images its own are now; empty: they are gone
};

// What a run's dataset has of its archive: the samples that runs made, and those that single
// commands made of sites that the recipe knows (others may have an archive of their own).
struct OlderDataset {
  std::vector<GoneSample> gone;      // sorted by ID
  std::vector<std::string> folders;  // that lost all of their samples, sorted
  std::size_t missing = 0;           // samples with files whose images are gone
  std::size_t all = 0;               // samples with files
};
OlderDataset older_dataset(const RunState& run, const std::vector<ArchiveSample>& samples);

// Throws UsageError where so much is gone from the archive that a disk may be missing: more than a
// tenth of the samples, or all of a folder; not with --allow_removal.
void require_removal_allowed(const RunState& run, const OlderDataset& dataset);

// `{ID}: {why}`, for what has files.
std::string reason(const GoneSample& sample);

// Takes the samples out of the dataset, and says so. Throws MachineError.
void remove_gone_samples(RunState& run, const std::vector<GoneSample>& gone);

// Reports what is in the dataset, and in the archive, but not among these samples. Gives whether
// there is any.
bool report_older(const RunState& run, const std::vector<ArchiveSample>& samples, Report& report);

}  // namespace nicohort
