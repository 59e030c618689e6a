// The fingerprint of a dataset for training: what nnU-Net v2 computes of its images before it plans
// (nnunetv2/experiment_planning/dataset_fingerprint), here from the records of its samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "dataset/record.hpp"

namespace nicohort {

// A summary of a sample's foreground in half the memory, for who keeps many.
class KeptForeground {
 public:
  explicit KeptForeground(const ForegroundSummary& summary);

  bool is_empty() const { return quantiles() == 0; }  // no voxel
  double mean() const { return mean_; }
  double sd() const { return sd_; }
  std::size_t quantiles() const { return decimals_.size() + others_.size(); }
  double quantile(std::size_t i) const;  // just as the summary has it
  // The index of the first quantile that is not below the value, and of the first that is above it.
  std::size_t first_from(double value) const;
  std::size_t first_above(double value) const;

 private:
  bool keep_decimals(const std::vector<double>& quantiles, double scale);

  double mean_, sd_;
  double min_ = 0, max_ = 0, scale_ = 1;
  // Quantiles are rounded. Either all of them are these, divided by the scale and within min and
  // max, or there are others.
  std::vector<std::int32_t> decimals_;
  std::vector<double> others_;
};

// What a sample with a mask adds to it, beside its geometry.
struct TrainingValues {
  VoxelBox nonzero;                        // what is left when borders that are 0 are cut off
  std::vector<KeptForeground> foreground;  // of each channel

  std::int64_t cropped_size(int axis) const { return nonzero.end[axis] - nonzero.begin[axis]; }
};
// Nothing of a sample without a mask, or of one that an earlier version made.
std::optional<TrainingValues> training_values(const SampleRecord& record);

// The same with it.
struct TrainingCase : TrainingValues {
  Geometry geometry;

  // Of the volume's voxels, the share that is left.
  double relative_size() const;
};
std::optional<TrainingCase> training_case(const SampleRecord& record);

// The foreground of a channel in all samples that have any, of which each weighs alike.
struct DatasetForeground {
  double mean = 0, sd = 0, min = 0, max = 0, median = 0;
  double percentile_00_5 = 0, percentile_99_5 = 0;
};
// Nothing where no sample has a foreground.
std::optional<DatasetForeground> dataset_foreground(
    const std::vector<const KeptForeground*>& samples);
// Of all channels that each of the samples has.
std::vector<std::optional<DatasetForeground>> dataset_foreground(
    const std::vector<const TrainingValues*>& cases);
inline std::vector<std::optional<DatasetForeground>> dataset_foreground(
    const std::vector<const TrainingCase*>& cases) {
  return dataset_foreground(std::vector<const TrainingValues*>(cases.begin(), cases.end()));
}

}  // namespace nicohort
