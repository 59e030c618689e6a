// The fingerprint of a dataset for training: what nnU-Net v2 computes of its images before it plans
// (nnunetv2/experiment_planning/dataset_fingerprint), here from the records of its samples.
#pragma once

#include <optional>
#include <vector>

#include "dataset/record.hpp"

namespace nicohort {

// What a sample with a mask adds to it.
struct TrainingCase {
  Geometry geometry;
  VoxelBox nonzero;                           // what is left when borders that are 0 are cut off
  std::vector<ForegroundSummary> foreground;  // of each channel

  std::int64_t cropped_size(int axis) const { return nonzero.end[axis] - nonzero.begin[axis]; }
  // Of the volume's voxels, the share that is left.
  double relative_size() const;
};
// Nothing of a sample without a mask, or of one that an earlier version made.
std::optional<TrainingCase> training_case(const SampleRecord& record);

// The foreground of a channel in all samples that have any, of which each weighs alike.
struct DatasetForeground {
  double mean = 0, sd = 0, min = 0, max = 0, median = 0;
  double percentile_00_5 = 0, percentile_99_5 = 0;
};
// Nothing where no sample has a foreground.
std::optional<DatasetForeground> dataset_foreground(
    const std::vector<const ForegroundSummary*>& samples);
// Of all channels that each of the samples has.
std::vector<std::optional<DatasetForeground>> dataset_foreground(
    const std::vector<const TrainingCase*>& cases);

}  // namespace nicohort
