// Sites whose masks all lie in the wrong place, as the values under them say. Among themselves they
// are alike, so that none of their samples is an outlier.
#pragma once

#include <string>
#include <vector>

#include "base/problem.hpp"
#include "report/cohort_report.hpp"

namespace nicohort {

// A problem for each such site; where there is no column `site`, all samples are one. The median
// of the values within every mask as drawn is
//  - below -500 HU: in air (or in the lung);
//  - in other units, below what lies within the masks of the other sites, from the lowest 5th
//    percentile up. Fewer than 8 masks at the site, or elsewhere, say nothing.
std::vector<Problem> find_misplaced_masks(const std::vector<ReportedSample>& samples,
                                          const std::string& unit);

}  // namespace nicohort
