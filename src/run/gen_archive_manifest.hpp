// Routine 01: scans the archive and writes its manifest.
#pragma once

#include <filesystem>
#include <string>

#include "archive/pseudonym_options.hpp"
#include "base/parallel.hpp"

namespace nicohort {

struct ArchiveManifestOptions {
  std::filesystem::path root_dir, output_manifest_file, recipe;
  PseudonymOptions pseudonyms{};
  std::string sheet_name = "Manifest";
  bool verify = false;  // decompress every image
};

// Throws UsageError before anything is written.
Report gen_archive_manifest(const ArchiveManifestOptions& options, const Context& context);

}  // namespace nicohort
