#include "dataset/training_fingerprint.hpp"

#include <algorithm>
#include <cmath>

namespace nicohort {
namespace {

using Summaries = std::vector<const ForegroundSummary*>;

enum class Bound { below, up_to };

// The share of a sample's values that are below a value, or up to it.
double share_of(const ForegroundSummary& sample, double value, Bound bound) {
  const auto& quantiles = sample.quantiles;
  const auto& ranks = quantile_ranks();
  const auto found = bound == Bound::below
                         ? std::lower_bound(quantiles.begin(), quantiles.end(), value)
                         : std::upper_bound(quantiles.begin(), quantiles.end(), value);
  if (found == quantiles.begin()) return 0;
  if (found == quantiles.end()) return 1;
  const auto i = found - quantiles.begin();
  const double part = (value - quantiles[i - 1]) / (quantiles[i] - quantiles[i - 1]);
  return (ranks[i - 1] + (ranks[i] - ranks[i - 1]) * part) / 100;
}

// The same of all samples together.
double share_of(const Summaries& samples, double value, Bound bound) {
  double sum = 0;
  for (const ForegroundSummary* sample : samples) sum += share_of(*sample, value, bound);
  return sum / static_cast<double>(samples.size());
}

// The value up to which this share of the samples' values is. values: all of their quantiles, in
// ascending order, between which shares grow evenly.
double value_at(double share, const Summaries& samples, const std::vector<double>& values) {
  const auto found = std::partition_point(values.begin(), values.end(), [&](double value) {
    return share_of(samples, value, Bound::up_to) < share;
  });
  if (found == values.begin()) return values.front();
  if (found == values.end()) return values.back();
  const double below = share_of(samples, *found, Bound::below);
  if (below <= share) return *found;
  const double before = *std::prev(found), start = share_of(samples, before, Bound::up_to);
  return before + (*found - before) * (share - start) / (below - start);
}

}  // namespace

double TrainingCase::relative_size() const {
  return static_cast<double>(cropped_size(0) * cropped_size(1) * cropped_size(2)) /
         static_cast<double>(geometry.size.voxels());
}

std::optional<TrainingCase> training_case(const SampleRecord& record) {
  if (!record.volume || !record.volume->nonzero || !record.mask ||
      record.mask->foreground.size() != record.volume->channels.size())
    return {};
  return TrainingCase{record.volume->geometry, *record.volume->nonzero, record.mask->foreground};
}

std::optional<DatasetForeground> dataset_foreground(const Summaries& all) {
  Summaries samples;
  std::copy_if(all.begin(), all.end(), std::back_inserter(samples),
               [](const ForegroundSummary* sample) { return sample->voxels > 0; });
  if (samples.empty()) return {};
  DatasetForeground foreground;
  std::vector<double> values;  // each once
  std::size_t enough = 1 << 20;
  const auto keep_distinct = [&] {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    enough = std::max(enough, 2 * values.size());
  };
  const auto count = static_cast<double>(samples.size());
  for (const ForegroundSummary* sample : samples) {
    foreground.mean += sample->mean / count;
    values.insert(values.end(), sample->quantiles.begin(), sample->quantiles.end());
    if (values.size() > enough) keep_distinct();
  }
  double variance = 0;
  for (const ForegroundSummary* sample : samples) {
    const double apart = sample->mean - foreground.mean;
    variance += (sample->sd * sample->sd + apart * apart) / count;
  }
  foreground.sd = std::sqrt(variance);
  keep_distinct();
  foreground.min = values.front();
  foreground.max = values.back();
  foreground.percentile_00_5 = value_at(0.005, samples, values);
  foreground.median = value_at(0.5, samples, values);
  foreground.percentile_99_5 = value_at(0.995, samples, values);
  return foreground;
}

std::vector<std::optional<DatasetForeground>> dataset_foreground(
    const std::vector<const TrainingCase*>& cases) {
  std::vector<std::optional<DatasetForeground>> channels;
  if (cases.empty()) return channels;
  std::size_t count = cases.front()->foreground.size();
  for (const TrainingCase* one : cases) count = std::min(count, one->foreground.size());
  for (std::size_t channel = 0; channel < count; ++channel) {
    Summaries samples;
    for (const TrainingCase* one : cases) samples.push_back(&one->foreground[channel]);
    channels.push_back(dataset_foreground(samples));
  }
  return channels;
}

}  // namespace nicohort
