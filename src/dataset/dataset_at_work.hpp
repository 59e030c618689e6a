// For commands that need a whole dataset and write tables.
#pragma once

#include <filesystem>
#include <memory>

#include "base/listener.hpp"
#include "dataset/lock.hpp"

namespace nicohort {

// Keeps others out of a dataset while it lives: all of where a table is written into it, else those
// that change it. A folder that no command of nicohort has worked on is left alone. Throws
// UsageError if a command was stopped there, MachineError if one is at work.
class DatasetAtWork {
 public:
  DatasetAtWork(const std::filesystem::path& dataset, const std::filesystem::path& table,
                Listener& listener);

 private:
  std::unique_ptr<DatasetLock> lock_;
};

// The folder that a file lies in.
std::filesystem::path folder_of(const std::filesystem::path& file);

}  // namespace nicohort
