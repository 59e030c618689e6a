#include "run/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/sha256.hpp"
#include "dataset/cache.hpp"
#include "dataset/file_state.hpp"
#include "dataset/layout.hpp"
#include "dataset/make_split.hpp"
#include "dataset/record.hpp"
#include "run/tables.hpp"
#include "table/problem_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* name_in_cache = "run";

// The files below a folder, but those of a dataset's own.
void add_files(const fs::path& folder, const OwnFolder& own, std::vector<fs::path>& files) {
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied,
                                           error);
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code unknown;  // of a link that leads nowhere or back to itself
    if (entries->path() == own.path())
      entries.disable_recursion_pending();
    else if (!entries->is_directory(unknown))
      files.push_back(entries->path());
  }
}

// Names, sizes and times of files.
std::string states_text(std::vector<fs::path> files) {
  std::sort(files.begin(), files.end());
  std::string text;
  for (const fs::path& file : files) {
    const FileState state = state_of(file);
    text +=
        fmt::format("{}\t{}\t{}\t{}\n", file.string(), state.bytes, state.modified, state.inode);
  }
  return text;
}

}  // namespace

FinishedRun::FinishedRun(const fs::path& root, const fs::path& archive, std::string made_from)
    : root_(root),
      archive_(archive),
      dataset_(root / dataset_folder),
      made_from_(std::move(made_from)),
      inputs_(inputs()) {}

std::string FinishedRun::inputs() const {
  std::vector<fs::path> files{review_beside(root_ / dataset_manifest_path)};
  add_files(archive_, OwnFolder(dataset_), files);
  return sha256_of(made_from_ + states_text(std::move(files)));
}

std::string FinishedRun::inputs_and_results() const {
  const OwnFolder own(dataset_);
  std::vector<fs::path> files{own.dataset_file(), own.checksums(), problems_in(root_, "run")};
  for (const char* folder : {dataset_folder, descriptor_folder, report_folder})
    add_files(root_ / folder, own, files);
  for (const std::string& id : record_ids(dataset_)) files.push_back(own.record(id));
  return sha256_of(inputs_ + states_text(std::move(files)));
}

bool FinishedRun::is_the_last() const {
  return Cache(dataset_).note(name_in_cache) == inputs_and_results();
}

void FinishedRun::remember() const {
  if (inputs() != inputs_) return;
  Cache cache(dataset_);
  cache.put_note(name_in_cache, inputs_and_results());
  cache.save();
}

}  // namespace nicohort
