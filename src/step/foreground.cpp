#include "step/foreground.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <utility>

#include "mask/sets.hpp"
#include "step/percentile.hpp"

namespace nicohort {
namespace {

constexpr std::uint32_t widest_gap = 16;  // voxels; what steps fill is small

BinaryMask without_gaps(const BinaryMask& mask) {
  BinaryMask closed(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    closed.go_to(row);
    std::uint32_t end = 0;  // of the run before
    for (const Run& run : runs) {
      const bool is_near = end > 0 && run.begin - end <= widest_gap;
      closed.add({is_near ? end : run.begin, run.end});
      end = run.end;
    }
  }
  return closed;
}

// Finite values in ascending order: by their digits of 11 bits, the last first, which takes a fifth
// of the time of std::sort.
void sort_values(std::vector<float>& values) {
  constexpr std::uint32_t sign = std::uint32_t{1} << 31, digit = (1 << 11) - 1;
  std::vector<std::uint32_t> keys(values.size());
  std::transform(values.begin(), values.end(), keys.begin(), [](float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    return (bits & sign) != 0 ? ~bits : bits | sign;
  });
  values = std::vector<float>();
  std::vector<std::uint32_t> sorted(keys.size());
  for (int shift = 0; shift < 32; shift += 11) {
    std::array<std::uint32_t, digit + 2> begin{};
    for (std::uint32_t key : keys) ++begin[(key >> shift & digit) + 1];
    std::partial_sum(begin.begin(), begin.end(), begin.begin());
    for (std::uint32_t key : keys) sorted[begin[key >> shift & digit]++] = key;
    keys.swap(sorted);
  }
  sorted = std::vector<std::uint32_t>();
  values.resize(keys.size());
  std::transform(keys.begin(), keys.end(), values.begin(), [](std::uint32_t key) {
    return std::bit_cast<float>((key & sign) != 0 ? key & ~sign : ~key);
  });
}

// How many places behind the decimal point a 100,000th of the range has; negative: before it.
int places_of(double range) {
  return range > 0 ? 5 - static_cast<int>(std::floor(std::log10(range))) : 0;
}

double rounded_to(double value, int places) {
  const double scale = std::pow(10, std::abs(places));
  const double result =
      places < 0 ? std::round(value / scale) * scale : std::round(value * scale) / scale;
  return std::isfinite(result) ? result + 0 : value;  // no -0
}

}  // namespace

const std::vector<double>& quantile_ranks() {
  static const std::vector<double> ranks = [] {
    const std::vector<double> tail{0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5};
    std::vector<double> all = tail;
    for (int rank = 1; rank < 100; ++rank) all.push_back(rank);
    for (auto rank = tail.rbegin(); rank != tail.rend(); ++rank) all.push_back(100 - *rank);
    return all;
  }();
  return ranks;
}

ForegroundSummary summary_of(std::vector<float> values) {
  ForegroundSummary summary;
  summary.voxels = std::ssize(values);
  if (values.empty()) return summary;
  sort_values(values);
  const auto count = static_cast<double>(values.size());
  double sum = 0, squares = 0;
  for (float value : values) sum += value;
  summary.mean = sum / count;
  for (float value : values) squares += (value - summary.mean) * (value - summary.mean);
  summary.sd = std::sqrt(squares / count);
  const double low = values.front(), high = values.back();
  const int places = places_of(high - low);
  for (double rank : quantile_ranks()) {
    const double exact = percentile(rank, std::ssize(values),
                                    [&](std::int64_t place) -> double { return values[place]; });
    summary.quantiles.push_back(std::clamp(rounded_to(exact, places), low, high));
  }
  summary.quantiles.front() = low;
  summary.quantiles.back() = high;
  return summary;
}

ForegroundSample::ForegroundSample(const BinaryMask& where, PickedVoxels picked)
    : where_(where), walk_(where), picked_(picked) {
  const std::size_t expected = picked.of(count(where));
  values_.reserve(expected + expected / 64);
}

void ForegroundSample::feed(std::span<const float> values) {
  walk_.feed(values, [this](std::int64_t row, std::int64_t x, std::span<const float> run) {
    std::int64_t voxel = row * where_.size().x + x;
    for (float value : run)
      if (picked_.has(voxel++)) values_.push_back(value);
  });
}

ForegroundSummary ForegroundSample::under(const BinaryMask& mask) const {
  std::vector<float> values;
  auto value = values_.begin();
  for_each_row(where_, mask,
               [&](std::int64_t row, std::span<const Run> looked_at, std::span<const Run> runs) {
                 const std::int64_t begin = row * where_.size().x;
                 auto run = runs.begin();
                 for (const Run& looked : looked_at)
                   for (std::uint32_t x = looked.begin; x < looked.end; ++x) {
                     if (!picked_.has(begin + x)) continue;
                     while (run != runs.end() && run->end <= x) ++run;
                     if (run != runs.end() && run->begin <= x && std::isfinite(*value))
                       values.push_back(*value);
                     ++value;
                   }
               });
  return summary_of(std::move(values));
}

ForegroundSummary look_under(const BinaryMask& mask, PickedVoxels picked, const ReadValues& read) {
  ForegroundSample sample(mask, picked);
  if (!mask.runs().empty()) read([&](std::span<const float> values) { sample.feed(values); });
  return sample.under(mask);
}

ForegroundSamples::ForegroundSamples(const BinaryMask& drawn, bool may_grow, std::size_t channels)
    : picked_(count(drawn)), where_(may_grow ? without_gaps(drawn) : drawn) {
  for (std::size_t channel = 0; channel < channels; ++channel)
    samples_.emplace_back(where_, picked_);
}

std::vector<ForegroundSummary> ForegroundSamples::under(const BinaryMask& mask,
                                                        const ReadChannel& read) const {
  const bool is_seen = subtract(mask, where_).runs().empty();
  std::vector<ForegroundSummary> summaries;
  for (std::size_t channel = 0; channel < samples_.size(); ++channel)
    summaries.push_back(
        is_seen ? samples_[channel].under(mask)
                : look_under(mask, picked_, [&](const TakeValues& take) { read(channel, take); }));
  return summaries;
}

}  // namespace nicohort
