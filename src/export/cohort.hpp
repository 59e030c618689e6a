// What is exported: the samples of a dataset with their files, and the subset of a split that each
// is in.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dataset/dataset.hpp"
#include "dataset/info.hpp"
#include "dataset/training_fingerprint.hpp"
#include "export/findings.hpp"
#include "export/split_use.hpp"

namespace nicohort {

struct ExportSample {
  // Without its history (inputs, steps and problems), and what is in `training`. Of formats for
  // training also without labels and groups, which are those of the cohort; of those that do not
  // use all files, with the checksums of volumes and mask alone.
  SampleRecord record;
  std::optional<TrainingCase> training;  // of formats for training, if it is on record
  SampleInfo info;  // of formats that have tables; empty for those for training
  std::string patient;
  std::string subset;  // of the split; empty without one

  const std::string& id() const { return record.id; }
  bool has_mask() const { return record.mask.has_value(); }
  std::filesystem::path mask() const { return record.sample_files().mask(); }
};

struct ExportCohort {
  std::filesystem::path root;  // of the dataset
  Recipe recipe;
  std::unique_ptr<DatasetLock> lock;
  std::string split;  // empty: none
  UsedSplit used = {};
  std::vector<std::string> channels = {};  // by name; one empty name where volumes have none
  LabelNames labels = {};                  // of all masks
  LabelGroups groups = {};
  std::vector<ExportSample> samples = {};  // by ID

  bool is_test(const ExportSample& sample) const {
    return used.use == SplitUse::none ? !sample.has_mask() : sample.subset == "test";
  }
};

// Whether a patient has several samples for training, which folds by sample would divide.
bool divides_patients(const ExportCohort& cohort);

struct CohortOptions {
  std::filesystem::path root, manifest;
  std::string split;         // the name of its worksheet in the manifest; empty: all samples
  bool is_training = true;   // the subsets have to be of use for training
  bool needs_files = false;  // all files of samples are used, not just volumes and masks
};

// Samples that the split does not have are left out, and their number is told. What keeps the
// samples from being exported goes to the findings, in the samples' order: files that are not as
// recorded, patients in several subsets, samples for training without a mask, scans that are there
// twice, masks with unknown values. Throws UsageError where there is no dataset or no such split,
// or its rows cannot be right; MachineError.
ExportCohort load_cohort(const CohortOptions& options, const Context& context, Findings& findings);

}  // namespace nicohort
