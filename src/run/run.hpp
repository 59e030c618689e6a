// The whole tutorial in one pass: every archived image is read once, every file of the dataset
// written once, and what is finished is not done again.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "archive/pseudonym_options.hpp"
#include "base/parallel.hpp"
#include "dataset/shard.hpp"
#include "deflate/gzip_writer.hpp"

namespace nicohort {

struct RunOptions {
  std::filesystem::path root_dir, recipe;
  // Elsewhere than `archive` in root_dir; symbolic links in it are followed. Empty: there.
  std::filesystem::path archive = {};
  Compression compression = Compression::balanced;
  std::string volume_type = {};  // as load_recipe() takes it
  bool again = false, dry_run = false, allow_removal = false;
  PseudonymOptions pseudonyms{};
  std::optional<Shard> shard = {};  // of its samples alone, and no tables
};

// Throws UsageError unless there are the root folder and an archive.
void require_root_and_archive(const RunOptions& options);

// Gives all problems, also those of samples that are unchanged. Throws UsageError before anything
// is written.
Report run(const RunOptions& options, const Context& context);

}  // namespace nicohort
