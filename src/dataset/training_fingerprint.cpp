#include "dataset/training_fingerprint.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace nicohort {
namespace {

using Foregrounds = std::vector<const KeptForeground*>;

constexpr int most_places = 9;  // behind the decimal point

// The first i below count of which is_reached(i) holds, which then holds of all after it; else
// count.
template <class IsReached>
std::size_t first_reached(std::size_t count, IsReached&& is_reached) {
  std::size_t begin = 0;
  while (begin < count) {
    const std::size_t middle = begin + (count - begin) / 2;
    if (is_reached(middle))
      count = middle;
    else
      begin = middle + 1;
  }
  return begin;
}

enum class Bound { below, up_to };

// The share of a sample's values that are below a value, or up to it.
double share_of(const KeptForeground& sample, double value, Bound bound) {
  const auto& ranks = quantile_ranks();
  const std::size_t i =
      bound == Bound::below ? sample.first_from(value) : sample.first_above(value);
  if (i == 0) return 0;
  if (i == sample.quantiles()) return 1;
  const double before = sample.quantile(i - 1);
  const double part = (value - before) / (sample.quantile(i) - before);
  return (ranks[i - 1] + (ranks[i] - ranks[i - 1]) * part) / 100;
}

// The same of all samples together.
double share_of(const Foregrounds& samples, double value, Bound bound) {
  double sum = 0;
  for (const KeptForeground* sample : samples) sum += share_of(*sample, value, bound);
  return sum / static_cast<double>(samples.size());
}

// Whole numbers in the order of the numbers that they stand for, next to each other as these are.
constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63;
std::uint64_t place_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  return (bits & sign_bit) != 0 ? ~bits : bits | sign_bit;
}
double number_at(std::uint64_t place) {
  return std::bit_cast<double>((place & sign_bit) != 0 ? place & ~sign_bit : ~place);
}

// The value up to which this share of the samples' values is, between the lowest and the highest of
// them. Between quantiles of any sample shares grow evenly.
double value_at(double share, const Foregrounds& samples, double min, double max) {
  std::uint64_t begin = place_of(min), end = place_of(max);
  while (begin < end) {
    const std::uint64_t middle = begin + (end - begin) / 2;
    if (share_of(samples, number_at(middle), Bound::up_to) < share)
      begin = middle + 1;
    else
      end = middle;
  }
  const double reached = number_at(end);
  double found = max, before = min;  // neighbours among the quantiles
  for (const KeptForeground* sample : samples)
    if (const std::size_t i = sample->first_from(reached); i < sample->quantiles())
      found = std::min(found, sample->quantile(i));
  if (found == min) return min;
  for (const KeptForeground* sample : samples)
    if (const std::size_t i = sample->first_from(found); i > 0)
      before = std::max(before, sample->quantile(i - 1));
  const double below = share_of(samples, found, Bound::below);
  if (below <= share) return found;
  const double start = share_of(samples, before, Bound::up_to);
  return before + (found - before) * (share - start) / (below - start);
}

}  // namespace

KeptForeground::KeptForeground(const ForegroundSummary& summary)
    : mean_(summary.mean), sd_(summary.sd) {
  if (summary.quantiles.empty()) return;
  min_ = summary.quantiles.front();
  max_ = summary.quantiles.back();
  double scale = 1;
  for (int places = 0; places <= most_places; ++places, scale *= 10)
    if (keep_decimals(summary.quantiles, scale)) return;
  others_ = summary.quantiles;
}

// Whether all of them are kept just as they are.
bool KeptForeground::keep_decimals(const std::vector<double>& quantiles, double scale) {
  using Decimal = std::int32_t;
  scale_ = scale;
  decimals_.clear();
  decimals_.reserve(quantiles.size());
  for (const double value : quantiles) {
    const double scaled = value * scale, decimal = value == min_   ? std::floor(scaled)
                                                   : value == max_ ? std::ceil(scaled)
                                                                   : std::round(scaled);
    bool is_kept = std::abs(decimal) <= std::numeric_limits<Decimal>::max();
    if (is_kept) {
      decimals_.push_back(static_cast<Decimal>(decimal));
      const double kept = quantile(decimals_.size() - 1);
      is_kept = kept == value && std::signbit(kept) == std::signbit(value);
    }
    if (is_kept) continue;
    decimals_ = {};
    return false;
  }
  return true;
}

double KeptForeground::quantile(std::size_t i) const {
  return decimals_.empty() ? others_[i] : std::clamp(decimals_[i] / scale_, min_, max_);
}

std::size_t KeptForeground::first_from(double value) const {
  return first_reached(quantiles(), [&](std::size_t i) { return quantile(i) >= value; });
}

std::size_t KeptForeground::first_above(double value) const {
  return first_reached(quantiles(), [&](std::size_t i) { return quantile(i) > value; });
}

double TrainingCase::relative_size() const {
  return static_cast<double>(cropped_size(0) * cropped_size(1) * cropped_size(2)) /
         static_cast<double>(geometry.size.voxels());
}

std::optional<TrainingValues> training_values(const SampleRecord& record) {
  if (!record.volume || !record.volume->nonzero || !record.mask ||
      record.mask->foreground.size() != record.volume->channels.size())
    return {};
  const auto& summaries = record.mask->foreground;
  return TrainingValues{*record.volume->nonzero, {summaries.begin(), summaries.end()}};
}

std::optional<TrainingCase> training_case(const SampleRecord& record) {
  auto values = training_values(record);
  if (!values) return {};
  return TrainingCase{std::move(*values), record.volume->geometry};
}

std::optional<DatasetForeground> dataset_foreground(const Foregrounds& all) {
  Foregrounds samples;
  std::copy_if(all.begin(), all.end(), std::back_inserter(samples),
               [](const KeptForeground* sample) { return !sample->is_empty(); });
  if (samples.empty()) return {};
  DatasetForeground foreground;
  foreground.min = std::numeric_limits<double>::infinity();
  foreground.max = -foreground.min;
  const auto count = static_cast<double>(samples.size());
  for (const KeptForeground* sample : samples) {
    foreground.mean += sample->mean() / count;
    foreground.min = std::min(foreground.min, sample->quantile(0));
    foreground.max = std::max(foreground.max, sample->quantile(sample->quantiles() - 1));
  }
  double variance = 0;
  for (const KeptForeground* sample : samples) {
    const double apart = sample->mean() - foreground.mean;
    variance += (sample->sd() * sample->sd() + apart * apart) / count;
  }
  foreground.sd = std::sqrt(variance);
  const auto at = [&](double share) {
    return value_at(share, samples, foreground.min, foreground.max);
  };
  foreground.percentile_00_5 = at(0.005);
  foreground.median = at(0.5);
  foreground.percentile_99_5 = at(0.995);
  return foreground;
}

std::vector<std::optional<DatasetForeground>> dataset_foreground(
    const std::vector<const TrainingValues*>& cases) {
  std::vector<std::optional<DatasetForeground>> channels;
  if (cases.empty()) return channels;
  std::size_t count = cases.front()->foreground.size();
  for (const TrainingValues* one : cases) count = std::min(count, one->foreground.size());
  for (std::size_t channel = 0; channel < count; ++channel) {
    Foregrounds samples;
    for (const TrainingValues* one : cases) samples.push_back(&one->foreground[channel]);
    channels.push_back(dataset_foreground(samples));
  }
  return channels;
}

}  // namespace nicohort
