// The samples of an archive, made as a plan says: several at a time.
#pragma once

#include <filesystem>
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
};

// Says which files that were edited by hand had to be replaced, and where they are now.
void tell(const Committed& committed, const std::string& id);

// Gives the records of all samples, in their order; of one that cannot be used now a record that is
// not written, whatever the dataset has of it. Problems, also those of unchanged samples, go into
// the report.
std::vector<SampleRecord> make_samples(const SamplesToMake& to_make, Transaction& dataset,
                                       Cache& cache, const Effort& effort, Report& report);

}  // namespace nicohort
