// What the records of samples say of their masks, for splits.
#pragma once

#include <filesystem>
#include <vector>

#include "split/rows.hpp"

namespace nicohort {

// From the records of this dataset, if it is one. Throws UsageError for rows whose patient is
// another one in the record.
void take_records(SplitManifest& manifest, const std::vector<std::size_t>& rows,
                  const std::filesystem::path& dataset);

}  // namespace nicohort
