// How far the work on a dataset is, also while shards are at it: reads, and waits for no lock.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"

namespace nicohort {

struct DatasetStatus {
  std::string command;               // that is not finished; empty: none
  std::vector<std::string> at_work;  // `process 12 on node1 since … (shard 3/8)`
  std::vector<std::string> done, unusable;
  std::vector<std::string> running;  // not done, and of a process that is at work
  std::vector<std::string> missing;  // not done, and nobody is at it
  // Of the dataset, and not of the archive as the last run found it.
  std::vector<std::string> elsewhere;
  std::vector<int> tasks;  // the shards of these, which are to run again

  std::size_t samples() const {
    return done.size() + unusable.size() + running.size() + missing.size();
  }
  // Whether a run would have nothing left to make but what cannot be used.
  bool is_complete() const { return samples() > 0 && running.empty() && missing.empty(); }
};

// The samples are those of the unfinished command; where none is unfinished, of the archive
// manifest in the root's descriptor/, and those on record. tasks: how many shards there are; 0:
// none. Where nothing is known yet, all of them are to run.
DatasetStatus status_of(const std::filesystem::path& root, int tasks, const Context& context);

// `3,7-9`, as sbatch's --array takes it. Of ascending numbers.
std::string array_text(const std::vector<int>& numbers);

}  // namespace nicohort
