// Is a dataset whole: its files as they were written, its tables what its samples are?
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

struct VerifyOptions {
  std::filesystem::path root_dir;            // the dataset
  std::filesystem::path manifest_file = {};  // empty: dataset_manifest.xlsx there
  std::string sheet_name = "Manifest";
  std::filesystem::path index_manifest_dir = {};  // empty: `splits` there
  std::filesystem::path review_file = {};         // empty: descriptor/review.xlsx, if there is one
  std::filesystem::path recipe = {};              // for a dataset that keeps none
};

struct VerifiedDataset {
  std::size_t samples = 0, splits = 0, index_manifests = 0, files = 0;  // files: as written
  std::string told;  // a sentence that is no problem; may be empty
};

// Reads every file through. What is wrong goes to the report. Throws UsageError when there is no
// dataset, MachineError when a command is at work on it.
VerifiedDataset verify_dataset(const VerifyOptions& options, const Context& context,
                               Report& report);

}  // namespace nicohort
