#include "dataset/recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "dataset/decided_sample.hpp"
#include "dataset/layout.hpp"
#include "dataset/lock.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/transaction.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    entries.push_back(entry->path());
  if (error && error != std::errc::no_such_file_or_directory) {
    errno = error.value();
    throw_machine_error("list", folder);
  }
  std::sort(entries.begin(), entries.end());
  return entries;
}

bool is_own_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(fs::symlink_status(path, error));
}

// A process that wakes up, its lock broken, finds its folder gone. Nothing if it has just removed
// it itself.
fs::path renamed(const fs::path& folder) {
  fs::path stem = folder;
  const std::string number = folder.extension().string();
  int n = 0;
  if (number.size() > 1 && number.find_first_not_of("0123456789", 1) == std::string::npos &&
      number.size() < 9) {
    n = std::stoi(number.substr(1));
    stem.replace_extension();
  }
  fs::path other;
  do {
    other = stem;
    other += fmt::format(".{}", ++n);
  } while (fs::exists(fs::symlink_status(other)));
  if (disk().rename(folder, other) == 0) return other;
  if (errno != ENOENT) throw_machine_error("rename", folder);
  if (is_own_folder(other)) return other;  // NFS says it of what it has done
  return {};
}

void drop(const fs::path& staged) {
  for (const fs::path& sample : entries_of(staged)) {
    // A power cut in the middle of the decision may leave it under both names. Without a record
    // there is nothing to do under the other.
    if (is_own_folder(sample) && disk().unlink(sample / staged_record_name) == 0)
      flush_folder(sample);
  }
  remove_tree(staged);
}

// Before any change is moved: a name that a power cut brings back must not be a decided change's.
void drop_staged(const OwnFolder& own) {
  const std::vector<fs::path> left = entries_of(own.staging());
  for (const fs::path& entry : left) {
    if (is_own_folder(entry)) {
      if (const fs::path staged = renamed(entry); !staged.empty()) drop(staged);
    } else if (disk().unlink(entry) != 0 && errno != ENOENT) {
      throw_machine_error("remove", entry);
    }
  }
  if (!left.empty()) flush_folder(own.staging());
}

struct LeftFolder {
  fs::path path;
  std::vector<DecidedSample> samples;
};

std::vector<LeftFolder> read_decided(const fs::path& dataset, const OwnFolder& own) {
  std::vector<LeftFolder> left;
  for (const fs::path& folder : entries_of(own.commit())) {
    if (!is_own_folder(folder))
      throw MachineError(
          fmt::format("{} was not written by nicohort; nothing was changed. Look at it, move it "
                      "away, and run the same command again",
                      folder.string()));
    LeftFolder& of = left.emplace_back(LeftFolder{folder, {}});
    for (const fs::path& place : entries_of(folder))
      of.samples.push_back(DecidedSample::read(dataset, place));
  }
  return left;
}

}  // namespace

std::vector<std::string> recover_alone(const fs::path& dataset) {
  const OwnFolder own(dataset);
  read_decided(dataset, own);
  drop_staged(own);
  remove_leftovers(dataset, true);
  std::vector<LeftFolder> left = read_decided(dataset, own);
  std::vector<std::string> told;
  for (auto& [path, samples] : left) {
    path = renamed(path);
    if (path.empty()) continue;
    // Who decided it may not have come to that.
    flush_folder(path);
    for (DecidedSample& sample : samples) {
      sample.set_place(path / sample.id());
      const std::vector<std::string> more = sample.move_into_place();
      told.insert(told.end(), more.begin(), more.end());
    }
  }
  if (!left.empty()) flush_folder(own.path());
  for (const auto& [path, samples] : left) {
    if (path.empty()) continue;
    for (const DecidedSample& sample : samples) sample.clear();
    if (disk().rmdir(path) != 0) throw_machine_error("remove", path);
  }
  if (!left.empty()) flush_folder(own.commit());
  return told;
}

std::vector<std::string> recover(const fs::path& dataset, Listener& listener) {
  if (!has_decided_changes(dataset)) return {};
  try {
    const DatasetLock lock(dataset, DatasetLock::Mode::alone, listener);
    return recover_alone(dataset);
  } catch (const DatasetBusy&) {
    throw;
  } catch (const MachineError& error) {
    throw MachineError(
        fmt::format("{} has changes of an interrupted command that cannot be completed: {}",
                    dataset.string(), error.what()));
  }
}

bool has_decided_changes(const fs::path& dataset) {
  for (const fs::path& folder : entries_of(OwnFolder(dataset).commit()))
    if (!is_own_folder(folder) || !entries_of(folder).empty()) return true;
  return false;
}

}  // namespace nicohort
