// Routine 04: checks every sample of the dataset and writes its manifest.
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"

namespace nicohort {

struct DatasetManifestOptions {
  std::filesystem::path root_dir, output_manifest_file;
  std::string sheet_name = "Manifest";
  bool keep_going = false;  // leave inconsistent samples out, and write the others
};

// Writes no manifest, and leaves an old one as it is, where no sample can be used or one is
// inconsistent. Throws UsageError before anything is written.
Report gen_dataset_manifest(const DatasetManifestOptions& options, const Context& context);

}  // namespace nicohort
