#include "step/intensity.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "step/percentile.hpp"

namespace nicohort {
namespace {

constexpr std::size_t most_different = 1 << 20, most_untallied = 1 << 18;
constexpr int lowest_whole = std::numeric_limits<std::int16_t>::min(),
              highest_whole = std::numeric_limits<std::int16_t>::max();

// To 11 of the 23 binary places. Zeros behind them keep the order.
float rounded(float value) {
  constexpr std::uint32_t half = 1U << 11, kept = ~((1U << 12) - 1);
  const float result = std::bit_cast<float>((std::bit_cast<std::uint32_t>(value) + half) & kept);
  return std::isfinite(result) ? result : value;
}

// Values come in ascending order.
void count(ValueTally& tally, float value, std::int64_t times) {
  if (tally.empty() || tally.back().first != value)
    tally.emplace_back(value, times);
  else
    tally.back().second += times;
}

}  // namespace

Intensity::Intensity(const BinaryMask& where)
    : walk_(where), whole_(where.runs().empty() ? 0 : highest_whole - lowest_whole + 1) {}

void Intensity::feed(std::span<const float> values) {
  walk_.feed(values, [this](std::int64_t, std::int64_t, std::span<const float> run) {
    for (float value : run) add(value);
  });
}

void Intensity::add(float value) {
  if (!std::isfinite(value)) {
    ++summary_.not_finite;
    return;
  }
  if (summary_.voxels == 0) base_ = summary_.min = summary_.max = value;
  ++summary_.voxels;
  summary_.min = std::min<double>(summary_.min, value);
  summary_.max = std::max<double>(summary_.max, value);
  const double difference = value - base_;
  sum_ += difference;
  squares_ += difference * difference;
  if (value >= lowest_whole && value <= highest_whole && value == std::trunc(value)) {
    ++whole_[static_cast<int>(value) - lowest_whole];
  } else {
    others_.push_back(value);
    if (others_.size() == most_untallied) tally_others();
  }
}

void Intensity::tally_others() {
  std::sort(others_.begin(), others_.end());
  ValueTally merged;
  auto known = tally_.begin();
  for (float value : others_) {
    for (; known != tally_.end() && known->first <= value; ++known)
      count(merged, known->first, known->second);
    count(merged, value, 1);
  }
  merged.insert(merged.end(), known, tally_.end());
  others_.clear();
  is_rounded_ |= merged.size() > most_different;
  if (is_rounded_) {
    tally_.clear();
    for (const auto& [value, times] : merged) count(tally_, rounded(value), times);
  } else {
    tally_ = std::move(merged);
  }
}

IntensitySummary Intensity::finish() {
  if (summary_.voxels == 0) return summary_;
  tally_others();
  ValueTally tally;
  auto other = tally_.begin();
  for (std::size_t i = 0; i < whole_.size(); ++i) {
    if (whole_[i] == 0) continue;
    const auto value = static_cast<float>(lowest_whole + static_cast<int>(i));
    for (; other != tally_.end() && other->first < value; ++other) tally.push_back(*other);
    tally.emplace_back(value, whole_[i]);
  }
  tally.insert(tally.end(), other, tally_.end());
  whole_ = std::vector<std::int64_t>();
  tally_ = ValueTally();
  for (std::size_t i = 1; i < tally.size(); ++i) tally[i].second += tally[i - 1].second;
  // The value at a place in ascending order.
  auto at = [&](std::int64_t place) -> double {
    return std::upper_bound(tally.begin(), tally.end(), place,
                            [](std::int64_t p, const auto& entry) { return p < entry.second; })
        ->first;
  };
  const std::int64_t voxels = summary_.voxels;
  const double mean = sum_ / voxels;
  summary_.mean = base_ + mean;
  summary_.sd = std::sqrt(std::max(0.0, squares_ / voxels - mean * mean));
  summary_.p5 = percentile(5, voxels, at);
  summary_.p25 = percentile(25, voxels, at);
  summary_.median = percentile(50, voxels, at);
  summary_.p75 = percentile(75, voxels, at);
  summary_.p95 = percentile(95, voxels, at);
  return summary_;
}

}  // namespace nicohort
