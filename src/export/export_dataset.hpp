// Exports a dataset in the form that a training framework reads (SPEC 7).
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"
#include "export/labels.hpp"
#include "export/write_export.hpp"

namespace nicohort {

enum class ExportFormat { nnunet, monai, msd, csv, bids };

struct ExportOptions {
  std::filesystem::path root_dir;       // of the dataset
  std::filesystem::path manifest_file;  // empty: dataset_manifest.xlsx there
  ExportFormat format = ExportFormat::nnunet;
  std::filesystem::path output;
  std::string split;  // empty: all samples
  LinkKinds links;
  LabelOptions labels;
  int dataset_id = 0;           // nnunet, msd; 0: not given
  std::string dataset_name;     // empty: the recipe's
  bool zero_copy = false;       // nnunet: the index names the dataset's own files
  bool absolute_paths = false;  // csv
  std::string bids_suffix;      // of volumes that are no CT; empty: by the channels' names
};

// All that keeps the dataset from being exported is reported before anything is written. An export
// that is there already is brought up to date: only files that have changed are made. Throws
// UsageError, also for each of these findings; MachineError.
void export_dataset(const ExportOptions& options, const Context& context);

}  // namespace nicohort
