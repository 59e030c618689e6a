#include "run/finished_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "base/sha256.hpp"
#include "dataset/cache.hpp"
#include "dataset/file_state.hpp"
#include "dataset/layout.hpp"
#include "dataset/record.hpp"
#include "run/tables.hpp"
#include "split/make_split.hpp"
#include "table/problem_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* name_in_cache = "run";

// The files below a folder, but those of a dataset's own. Gives whether there are links to folders,
// which are files here.
bool add_files(const fs::path& folder, const OwnFolder& own, std::vector<std::string>& files) {
  bool has_links = false;
  std::error_code error;
  fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied,
                                           error);
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code unknown;  // of a link that leads nowhere or back to itself
    if (entries->path() == own.path())
      entries.disable_recursion_pending();
    else if (!entries->is_directory(unknown) || entries->is_symlink(unknown))
      files.push_back(entries->path().string());
    has_links |= entries->is_symlink(unknown) && entries->is_directory(unknown);
  }
  return has_links;
}

// A file that is changed in place and gets its old time again has another time of change. But so
// has one that gets another name, a hard link, as files of a dataset do in an export.
enum class Times { all, modified };

// The SHA-256 of a text, and of names, sizes and times of files.
std::string sha256_of_states(const std::string& text, std::vector<std::string> files, Times times) {
  std::sort(files.begin(), files.end());
  Sha256 hash;
  const auto add = [&](std::string_view piece) { hash.update(std::as_bytes(std::span(piece))); };
  add(text);
  for (const std::string& file : files) {
    const FileState state = state_of(file);
    add(fmt::format("{}\t{}\t{}\t{}\t{}\n", file, state.bytes, state.modified, state.inode,
                    times == Times::all ? state.changed : 0));
  }
  return hash.finish();
}

}  // namespace

FinishedRun::FinishedRun(const fs::path& root, const ArchiveNames& names, std::string made_from)
    : root_(root),
      archive_(names.root()),
      dataset_(root / dataset_folder),
      follows_links_(names.follows_links()),
      made_from_(std::move(made_from)),
      inputs_(inputs()) {}

std::string FinishedRun::inputs() {
  std::vector<std::string> files{review_beside(root_ / dataset_manifest_path).string()};
  has_linked_folders_ |= add_files(archive_, OwnFolder(dataset_), files);
  return sha256_of_states(made_from_, std::move(files), Times::all);
}

std::string FinishedRun::inputs_and_results() const {
  const OwnFolder own(dataset_);
  std::vector<std::string> files{own.dataset_file().string(), own.checksums().string(),
                                 problems_in(root_, "run").string()};
  for (const char* folder : {dataset_folder, descriptor_folder, report_folder})
    add_files(root_ / folder, own, files);
  for (const std::string& id : record_ids(dataset_)) files.push_back(own.record(id).string());
  return sha256_of_states(inputs_, std::move(files), Times::modified);
}

bool FinishedRun::is_the_last() const {
  return sees_all() && Cache(dataset_).note(name_in_cache) == inputs_and_results();
}

void FinishedRun::remember() {
  if (inputs() != inputs_ || !sees_all()) return;
  Cache cache(dataset_);
  cache.put_note(name_in_cache, inputs_and_results());
  cache.save();
}

}  // namespace nicohort
