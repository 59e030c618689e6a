// Does a split have the rows and sides that its plan asks for?
#pragma once

#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/review.hpp"
#include "split/rows.hpp"

namespace nicohort {

// Samples that the review rejects may be missing where a rule leaves such out. Sides are compared
// if all rows are there; those that `keep_sides` kept are taken for granted. Throws UsageError for
// a manifest that can have no such split.
void verify_rows_and_sides(const Table& split, const std::vector<SplitRule>& rules,
                           const SplitManifest& manifest, const Review& review,
                           const std::string& where, Report& report);

}  // namespace nicohort
