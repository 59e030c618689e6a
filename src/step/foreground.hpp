// How a volume's values are distributed over the foreground of its mask, as it is after the steps:
// what training needs to know of a dataset before it normalises it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "step/mask_walk.hpp"
#include "step/values.hpp"

namespace nicohort {

// Of one channel, in its unit.
struct ForegroundSummary {
  std::int64_t voxels = 0;        // that were looked at and have a finite value
  double mean = 0, sd = 0;        // of the population, as numpy.std
  std::vector<double> quantiles;  // at quantile_ranks(); none without a voxel
  bool operator==(const ForegroundSummary&) const = default;
};

// In percent, ascending from 0 (the lowest value) to 100 (the highest), close in the tails: from
// quantiles at these ranks the percentiles of several volumes together can be told.
const std::vector<double>& quantile_ranks();

// Of finite values. Quantiles are as numpy.percentile has them; those between the lowest and the
// highest value are rounded to a 100,000th of the range.
ForegroundSummary summary_of(std::vector<float> values);

// Which voxels are looked at: all where a mask was drawn with up to 100,000, else about as many,
// evenly. It depends on the place of a voxel alone: whoever looks at the mask again, after other
// steps, looks at the same voxels.
class PickedVoxels {
 public:
  static constexpr std::int64_t most = 100'000;

  explicit PickedVoxels(std::int64_t drawn)
      : limit_(drawn <= most ? std::uint64_t{1} << 32
                             : (static_cast<std::uint64_t>(most) << 32) / drawn) {}
  // voxel: counted in memory order.
  bool has(std::int64_t voxel) const {
    constexpr std::uint64_t golden = 0x9E3779B97F4A7C15;  // 2^64 / the golden ratio
    return (static_cast<std::uint64_t>(voxel) * golden) >> 32 < limit_;
  }
  // About how many of so many.
  std::size_t of(std::int64_t voxels) const { return voxels * (limit_ / 4294967296.0); }

 private:
  std::uint64_t limit_;
};

// Keeps the values of picked voxels of one channel while it streams past, in memory order, in
// pieces of any size.
class ForegroundSample {
 public:
  // where: the voxels that can be asked for.
  ForegroundSample(const BinaryMask& where, PickedVoxels picked);
  ForegroundSample(BinaryMask&&, PickedVoxels) = delete;  // it keeps a reference

  void feed(std::span<const float> values);
  // mask: voxels of `where`. All values must have been fed.
  ForegroundSummary under(const BinaryMask& mask) const;

 private:
  const BinaryMask& where_;
  MaskWalk walk_;
  PickedVoxels picked_;
  std::vector<float> values_;
};

// Looks at the values of one channel under the mask. It is not read for a mask without a voxel.
ForegroundSummary look_under(const BinaryMask& mask, PickedVoxels picked, const ReadValues& read);

// Reads a channel from its beginning.
using ReadChannel = std::function<void(std::size_t channel, const TakeValues& take)>;

// The samples of all channels of a volume that streams past before its mask is what it will be.
class ForegroundSamples {
 public:
  // may_grow: steps can add voxels. Small gaps within rows, which they close, are looked at, too.
  ForegroundSamples(const BinaryMask& drawn, bool may_grow, std::size_t channels);
  ForegroundSamples(const ForegroundSamples&) = delete;
  ForegroundSamples& operator=(const ForegroundSamples&) = delete;

  void feed(std::size_t channel, std::span<const float> values) { samples_[channel].feed(values); }
  // Of each channel. A mask with other voxels than those that were looked at is read for.
  std::vector<ForegroundSummary> under(const BinaryMask& mask, const ReadChannel& read) const;

 private:
  PickedVoxels picked_;
  BinaryMask where_;
  std::vector<ForegroundSample> samples_;
};

}  // namespace nicohort
