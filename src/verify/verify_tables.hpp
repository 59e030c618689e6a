// Do a dataset's tables say what its samples are, and agree with each other?
#pragma once

#include <filesystem>
#include <vector>

#include "base/parallel.hpp"
#include "cohort/dataset_manifest.hpp"
#include "cohort/review.hpp"
#include "table/table.hpp"

namespace nicohort {

struct VerifiedTables {
  std::size_t splits = 0, index_manifests = 0;  // found
};

// The manifest against the samples (every cell), every split of it against the manifest (each
// patient on one side, nobody missing but who was rejected in the review), and the index manifests
// below `index_manifests` against their splits.
VerifiedTables verify_tables(const std::filesystem::path& manifest_file,
                             const std::filesystem::path& index_manifests,
                             const std::vector<SampleDescription>& samples, const Review& review,
                             Report& report);

}  // namespace nicohort
