// How a volume's values are distributed under a mask.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "step/mask_walk.hpp"

namespace nicohort {

// In the volume's unit. Without a voxel all are 0.
struct IntensitySummary {
  std::int64_t voxels = 0;      // with a finite value: those that the rest is about
  std::int64_t not_finite = 0;  // NaN or infinite
  double mean = 0, sd = 0;      // of the population, as numpy.std
  double min = 0, max = 0;
  double p5 = 0, p25 = 0, median = 0, p75 = 0, p95 = 0;  // between neighbours as numpy.percentile
};

// Values in ascending order, and how often each.
using ValueTally = std::vector<std::pair<float, std::int64_t>>;

// Collects the values while they stream past. Costs what the mask has in voxels; memory is bounded
// (50 MB) whatever the mask. Percentiles are exact, unless the mask has more than 2^20
// different values that are not whole numbers within int16: then such values are rounded to 11
// binary places (0.05 %) for the percentiles.
class Intensity {
 public:
  explicit Intensity(const BinaryMask& where);
  void feed(std::span<const float> values);  // in memory order, in pieces of any size
  IntensitySummary finish();                 // all values must have been fed

 private:
  void add(float value);
  void tally_others();

  MaskWalk walk_;
  IntensitySummary summary_;
  double base_ = 0;                  // the first value: sums of differences from it are small
  double sum_ = 0, squares_ = 0;     // of the differences
  std::vector<std::int64_t> whole_;  // how often each int16 value
  std::vector<float> others_;        // not tallied yet
  ValueTally tally_;                 // of the others
  bool is_rounded_ = false;
};

}  // namespace nicohort
