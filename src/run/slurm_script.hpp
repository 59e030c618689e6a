// The script that runs a cohort on Slurm: an array of shards, and the job that finishes.
#pragma once

#include <string>
#include <vector>

#include "run/run.hpp"

namespace nicohort {

struct SlurmOptions {
  std::string program = "nicohort";  // as the jobs call it
  RunOptions run = {};
  int tasks = 1;
  int jobs = 0;                          // of each task; 0: as many as it has cores
  std::vector<std::string> sbatch = {};  // more options for both of its calls
};

// Throws UsageError for options of sbatch that the script needs itself, and names of two lines.
std::string slurm_script(const SlurmOptions& options);

// What a shard should not be too short for: starting it takes longer than its work.
struct ArchiveSize {
  std::size_t samples = 0;
  double bytes = 0;
};
// Of the images that the recipe takes for samples. Throws UsageError where there is none.
ArchiveSize size_of_archive(const RunOptions& options);
// How many tasks have work for minutes each: at least 1.
int useful_tasks(const ArchiveSize& size);

}  // namespace nicohort
