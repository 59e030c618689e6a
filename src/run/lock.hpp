// One run at a time on a dataset.
#pragma once

#include <filesystem>

namespace nicohort {

// Holds a lock file as long as it lives. The system lets go of it when the process ends, however it
// ends.
class RunLock {
 public:
  // Throws MachineError that says who holds it and since when.
  explicit RunLock(const std::filesystem::path& file);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_ = -1;
};

// Keeps runs and separate commands apart in one dataset: a run is there alone, commands may be
// several, as each of their files has a lock of its own. Leaves no file. Where the file system
// knows no locks it holds nothing.
class FolderLock {
 public:
  enum class Sharing { alone, with_commands };

  // Makes the folder if need be. Throws MachineError if somebody is there, which names
  // the processes where they are this machine's.
  FolderLock(const std::filesystem::path& folder, Sharing sharing);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace nicohort
