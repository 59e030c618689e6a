// What is exported: the samples of a dataset with their files, and the subset of a split that each
// is in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/sha256.hpp"
#include "dataset/dataset.hpp"
#include "dataset/info.hpp"
#include "dataset/training_fingerprint.hpp"
#include "export/findings.hpp"
#include "export/split_use.hpp"
#include "table/table.hpp"

namespace nicohort {

// A volume or mask of the dataset.
struct DatasetImage {
  std::string file;  // below the dataset
  Sha256Bytes sha256;
};

struct ExportChannel {
  Sha256Bytes sha256;      // of its file
  std::string value_hash;  // image/value_hash.hpp; empty where it is not known
};

// What an export has to know of a sample. There may be millions of them.
struct ExportSample {
  std::string id;
  std::string folder;  // below the dataset; its last name is the ID
  std::string patient;
  std::string subset;                   // of the split; empty without one
  std::vector<ExportChannel> channels;  // as the cohort has them
  std::optional<Sha256Bytes> mask;      // of its file, if it has one
  std::int64_t not_finite = 0;          // voxels of the volume that are NaN or infinite
  double lowest_in_mask = 0;
  bool is_mask_empty = false;
  bool has_shear = false;                // that a quaternion cannot hold
  std::optional<TrainingCase> training;  // if the cohort is for training, and it is on record

  bool has_mask() const { return mask.has_value(); }
  SampleFiles files() const { return {folder, id}; }
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
  // Of a cohort for a manifest or tables, in the samples' order.
  Table manifest = {};
  std::vector<SampleInfo> infos = {};

  bool is_test(const ExportSample& sample) const {
    return used.use == SplitUse::none ? !sample.has_mask() : sample.subset == "test";
  }
  DatasetImage volume_of(const ExportSample& sample, std::size_t channel) const;
  // Of a sample that has one.
  DatasetImage mask_of(const ExportSample& sample) const;
};

// Whether a patient has several samples for training, which folds by sample would divide.
bool divides_patients(const ExportCohort& cohort);

enum class CohortUse {
  training,  // for which the subsets have to be of use
  manifest,  // of all files, not just volumes and masks
  tables,    // of what is known of the samples
};

struct CohortOptions {
  std::filesystem::path root, manifest;
  std::string split;  // the name of its worksheet in the manifest; empty: all samples
  CohortUse use = CohortUse::training;
};

// Samples that the split does not have are left out, and their number is told. What keeps the
// samples from being exported goes to the findings, in the samples' order: files that are not as
// recorded, patients in several subsets, samples for training without a mask, scans that are there
// twice, masks with unknown values. Throws UsageError where there is no dataset or no such split,
// or its rows cannot be right; MachineError.
ExportCohort load_cohort(const CohortOptions& options, const Context& context, Findings& findings);

}  // namespace nicohort
