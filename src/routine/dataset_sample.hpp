// What several routines do with one sample of the dataset.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/sample.hpp"
#include "mask/operations.hpp"
#include "run/lock.hpp"
#include "step/threshold.hpp"

namespace nicohort {

// Calls work(sample, problems) for every sample, several at a time. One whose files are links that
// lead out of the dataset is a problem, and is not opened.
template <class Work>
void for_each_sample(const std::filesystem::path& root, const std::vector<SampleFiles>& samples,
                     const Effort& effort, Report& report, Work&& work) {
  for_each_item("samples", ids_of(samples), effort, report,
                [&](std::size_t i, ProblemSink& problems) {
                  require_below(root, samples[i]);
                  work(samples[i], problems);
                });
}

// The same with results, in the samples' order; none where there is a problem that stopped the
// work.
template <class Result, class Work>
std::vector<std::optional<Result>> map_samples(const std::filesystem::path& root,
                                               const std::vector<SampleFiles>& samples,
                                               const Effort& effort, Report& report, Work&& work) {
  return map_items<Result>("samples", ids_of(samples), effort, report,
                           [&](std::size_t i, ProblemSink& problems) {
                             require_below(root, samples[i]);
                             return work(samples[i], problems);
                           });
}

// A volume without a mask is a sample all the same, one that the mask routines pass over.
bool has_mask(const std::filesystem::path& root, const SampleFiles& sample);

// Throws BadInput unless a sample's volume and mask have the same size.
void require_same_size(const Size3& volume, const Size3& mask);

// The voxels of `where` whose value in the sample's volume is outside the window. Reads the volume.
BinaryMask voxels_outside(const std::filesystem::path& root, const SampleFiles& sample,
                          const BinaryMask& where, Window window);

// Finds a dataset's samples for a command, which may write into `output`, and keeps others out
// while it lives: all of where it writes, those that write of what it only reads.
class DatasetAtWork {
 public:
  // Throws UsageError if there is no dataset, or where it is only read a command was stopped there;
  // MachineError if somebody is there.
  explicit DatasetAtWork(const std::filesystem::path& root,
                         const std::filesystem::path& output = {});
  const std::vector<SampleFiles>& samples() const { return samples_; }

 private:
  std::optional<FolderLock> root_, output_;
  std::vector<SampleFiles> samples_;
};

// For a command that works on a dataset's manifest: keeps those out of its folder, while it lives,
// that change samples.
class ManifestAtWork {
 public:
  // Throws UsageError if a command was stopped there, MachineError if one is at work.
  explicit ManifestAtWork(const std::filesystem::path& manifest_file);

 private:
  std::optional<FolderLock> dataset_;
};

// thresh: LO HI. Throws UsageError unless LO <= HI.
Window window_of(const std::vector<double>& thresh);

}  // namespace nicohort
