// One run at a time on a dataset.
#pragma once

#include <filesystem>
#include <memory>

namespace nicohort {

class KeptLease;

// A regular file that is locked as long as this lives. The system lets go of it when the process
// ends, however it ends. Only a lock that somebody else has is one: where the file system has no
// locks a lease in `lease` beside the file stands in (run/lease.hpp), alone in any case, as the
// locks of single files do not work there either, and stderr is told.
class LockFile {
 public:
  enum class Sharing { alone, together };

  // alone: makes the file, in a folder that is there. together: where the folder is missing or
  // cannot be written to nothing is held but what can be. Throws MachineError if somebody holds it,
  // with who it is; BadInput where a symbolic link or anything but a regular file is in the way.
  LockFile(const std::filesystem::path& file, Sharing sharing);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

  // -1 where nothing is held.
  int descriptor() const { return descriptor_; }
  // Takes the file away, and its folder, if nothing else is in there.
  void remove_if_alone() const;

 private:
  void open();
  void lock_without_system(const char* why);

  std::filesystem::path file_;
  Sharing sharing_;
  int descriptor_ = -1;
  std::unique_ptr<KeptLease> lease_;
};

// Holds a run's lock file, which says who it is.
class RunLock {
 public:
  // Throws MachineError that says who holds it and since when.
  explicit RunLock(const std::filesystem::path& file);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::unique_ptr<LockFile> lock_;
};

// Keeps runs and separate commands apart in one dataset, by `{dataset}/.nicohort/lock`: a run is
// there alone, commands may be several, as each of their files has a lock of its own.
class FolderLock {
 public:
  enum class Sharing { alone, with_commands };

  // alone: makes the folder if need be. Where there is no dataset yet, nothing is left. Throws
  // MachineError if somebody is there, which names the processes where they are this machine's.
  FolderLock(const std::filesystem::path& folder, Sharing sharing);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  std::unique_ptr<LockFile> lock_;
};

}  // namespace nicohort
