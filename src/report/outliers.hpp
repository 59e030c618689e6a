// Samples that a reader should look at: by rules that a few wild values do not bend.
#pragma once

#include <string>
#include <vector>

#include "report/cohort_report.hpp"

namespace nicohort {

struct Outlier {
  std::string sample;
  std::string kind;  // `spacing`, `volume`, `intensity`, `growth`, `empty`
  std::string what;
};

// A value is an outlier when its modified z-score, |value - median| / (1.4826 · MAD), is above 3.5
// (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993); MAD is the median distance from
// the median. Where nearly all values agree, the MAD counts as no less than the floor given here,
// so that a difference that means nothing is not shown.
//  - spacing, along each axis of the body, among the samples of the site; floor 3 % of the median
//  - volume of the mask, as logarithm, among the samples of the phase; floor 0.1 (a factor of 1.26)
//  - intensity, the mean in the mask as drawn, among the samples of the site; floor 5 HU, or 5 % of
//    the median in another unit
// Site and phase are columns of these names, parts or attributes; where there is none, all samples
// are one group. A group of fewer than 8 samples says nothing.
//  - growth: a patient's volume is ten times that of the phase before, or more; a phase of
//    which the patient has several masks is not compared
//  - empty: a mask without a voxel, as drawn or after cleaning
// Sorted by sample, then in this order. phases: in order of time. unit: of intensities; can be
// empty.
std::vector<Outlier> find_outliers(const std::vector<ReportedSample>& samples,
                                   const std::vector<std::string>& phases, const std::string& unit);

}  // namespace nicohort
