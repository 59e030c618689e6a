// Is a sample of a dataset as it was written, and do its images agree?
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/dataset.hpp"
#include "dataset/dataset_manifest.hpp"

namespace nicohort {

struct VerifiedSample {
  std::optional<SampleDescription> description;  // none if a file cannot be read
  std::vector<ChannelSummary> channels;          // of the volume as it is
  std::size_t checksums = 0;                     // that agree
};

// Reads every file of the sample through. Says what is wrong with each: missing, not as recorded,
// damaged; geometry or type that differs from the others'; values that are no label; binary masks
// that are not what the multi-label mask says; a record that says of the mask what is not so.
VerifiedSample verify_sample(const Dataset& dataset, const FoundSample& found,
                             ProblemSink& problems);

// What is wrong with a file that no record has.
Problem problem_of_addition(const std::filesystem::path& file);

}  // namespace nicohort
