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

}  // namespace nicohort
