// What a run knows between its stages, and what it has to do.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/archive_names.hpp"
#include "cohort/recipe.hpp"
#include "routine/archive_scan.hpp"
#include "routine/pseudonym_options.hpp"
#include "run/journal.hpp"
#include "run/pipeline.hpp"
#include "run/process_sample.hpp"

namespace nicohort {

struct RunOptions {
  std::filesystem::path root_dir, recipe;
  Compression compression = Compression::balanced;
  bool force = false, dry_run = false, allow_removal = false;
  PseudonymOptions pseudonyms{};
};

// A run's state between its stages.
struct RunState {
  const RunOptions& options;
  const Effort& effort;
  Recipe recipe = load_recipe(options.recipe);
  Pipeline pipeline = load_pipeline(options.recipe);
  ArchiveNames names = archive_names(options.root_dir / archive_folder, recipe, options.pseudonyms);
  ArchiveListing listing = list_images(names, recipe);
  Journal journal = Journal(options.root_dir / ".nicohort" / "run.jsonl", is_own_outcome);
  Report problems{};                    // of all stages
  std::vector<std::string> tables{};    // written, below the root
  std::atomic<bool> is_complete{true};  // nothing that the next run should look at again

  std::filesystem::path root() const { return options.root_dir; }
  SampleJob job(const ArchiveSample& sample) const {
    return {root(), sample, pipeline, names, options.compression};
  }
  // A table below the root, to be written now.
  std::filesystem::path table(const std::string& path) {
    tables.push_back(path);
    return root() / path;
  }
};

inline const std::string archive_manifest = "descriptor/archive_manifest.xlsx";
inline const std::string dataset_manifest = "grouped/dataset_manifest.xlsx";

// Everything that the whole result depends on, by name, size and time of the files.
std::string fingerprint(const RunState& run);
// Whether the last run finished with this very input and all it wrote is as it was.
bool is_up_to_date(const RunState& run, const std::string& now);

// Why a sample must be done, empty if it need not. A file that only got another time is told by its
// hash.
std::string why(const RunState& run, const SampleJob& job);

Header open_header(const RunState& run, const std::string& image);

// A folder keeps the names that its patients have been given: with other ones the dataset would
// have every patient twice, or original identifiers beside pseudonyms.
void require_same_naming(const RunState& run, const std::string& naming);

}  // namespace nicohort
