// The samples of an archive, made as a plan says: several at a time.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/transaction.hpp"
#include "run/plan.hpp"

namespace nicohort {

struct SamplesToMake {
  const std::filesystem::path& dataset;
  std::filesystem::path report;  // where pictures go; empty: none are made
  const Making& making;
  const std::vector<ArchiveSample>& samples;
  const Plan& plan;
  // Of what it was told, when the archive was scanned, why it cannot be used: images, and IDs of
  // samples without a volume.
  std::set<std::string> told = {};
  std::set<Problem> doubts = {};  // the same of images that are used all the same
  // Where another process may make the same samples: what is left to do of one now.
  std::function<LookedAtSample(const ArchiveSample&)> look = {};
};

// Says which files that were edited by hand had to be replaced, and where they are now.
void tell(const Committed& committed, const std::string& id, Listener& listener);

// ", 7 unchanged, 2 cannot be made", of samples that a run does not process; 0 of the latter are
// not named.
std::string others_text(std::size_t unchanged, std::size_t not_makeable);

// The same as problem_of_left(), where the cause was told as a problem.
void tell_left(const OtherSample& sample, Listener& listener);

// Gives for all samples, in their order, whether the dataset has of them what the archive has. Else
// the sample could not be made now: its record is an earlier one, or of a sample without files.
// Problems, also those of unchanged samples, go into the report.
std::vector<bool> make_samples(const SamplesToMake& to_make, Transaction& dataset, Cache& cache,
                               const Context& context, Report& report);

}  // namespace nicohort
