// Splits and index manifests that an earlier run or command has left: a run that draws a split anew
// must not leave a patient of its test subset in an old list for training.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/parallel.hpp"

namespace nicohort {

// What this run has made.
struct MadeSplits {
  std::set<std::string> names;
  std::vector<std::filesystem::path> index_manifests;
};

// Compares the dataset's other splits with its manifest, and the other index manifests in its
// folder `splits` with their splits. An index manifest of a split that was made now, with other
// rows than it, is removed if it is as nicohort wrote it, which is told; whatever else is not as it
// should be is a problem.
void tell_old_splits(const std::filesystem::path& root, const MadeSplits& made, Report& report);

}  // namespace nicohort
