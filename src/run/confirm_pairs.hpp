// Routine 02: pairs volumes and masks and gives each sample a folder.
#pragma once

#include <filesystem>
#include <string>

#include "archive/pseudonym_options.hpp"
#include "base/parallel.hpp"
#include "deflate/gzip_writer.hpp"

namespace nicohort {

struct ConfirmPairsOptions {
  std::filesystem::path root_dir, output_dir, archive_manifest, recipe;
  PseudonymOptions pseudonyms{};
  Compression compression = Compression::balanced;
  bool again = false;
  std::string volume_type = {};  // as load_recipe() takes it
};

// Makes the samples that the archive's manifest lists, with no steps done to their masks. Throws
// UsageError before anything is written.
Report confirm_pairs(const ConfirmPairsOptions& options, const Context& context);

}  // namespace nicohort
