// Looking at one sample for the report: what is in its mask, what cleaning did, what it looks like.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "step/denoise.hpp"
#include "step/intensity.hpp"
#include "step/portrait.hpp"
#include "step/threshold.hpp"

namespace nicohort {

// outside: the voxels of `drawn` that thresholding took away.
Cleaning cleaning_of(const LabelMask& drawn, const BinaryMask& outside, const LabelMask& cleaned);

// Regions (26-connected) of less than `volume_thresh` mm³ of these labels but the background; if
// there are none, of all.
std::int64_t count_small_regions(const LabelMask& mask, const std::set<std::uint8_t>& labels,
                                 const Geometry& geometry, double volume_thresh);

// What the report says of a sample's mask.
struct MaskStatistics {
  std::vector<std::pair<std::uint8_t, std::int64_t>> voxels;  // by label but 0, after cleaning
  IntensitySummary intensity;                                 // under the mask as drawn
  Cleaning cleaning;
  std::int64_t small_regions_before = 0;  // after thresholding, before all other cleaning
  std::int64_t small_regions_after = 0;
};

// The labels other than 0 that have voxels, and how many.
std::vector<std::pair<std::uint8_t, std::int64_t>> foreground_voxels(const LabelMask& mask);

// Takes what it needs of a volume that streams past: once, beside whatever else looks at it. Where
// there is no mask, `drawn` is empty.
class Examiner {
 public:
  Examiner(const Geometry& geometry, const BinaryMask& drawn)
      : portrait_(geometry, drawn), intensity_(drawn) {}
  Examiner(const Geometry&, BinaryMask&&) = delete;  // it keeps a reference

  void feed(std::span<const float> values) {
    portrait_.feed(values);
    intensity_.feed(values);
  }

  // All values must have been fed.
  IntensitySummary intensity() { return intensity_.finish(); }
  PalettePicture picture(const BinaryMask& before, const BinaryMask& after) const {
    return portrait_.picture(before, after);
  }

 private:
  Portrait portrait_;
  Intensity intensity_;
};

// A sample's statistics and picture from a single pass over its volume.
struct Examination {
  std::optional<MaskStatistics> mask;
  PalettePicture picture;
};
struct ExaminedMasks {
  LabelMask drawn, cleaned;
};
struct ExaminationParameters {
  std::optional<Window> window = {};  // of thresholding; none: left out
  std::optional<double> small_regions = {}, small_regions_after = {};  // mm³; none: not counted
  std::set<std::uint8_t> labels = {};  // whose small regions count; none: all
};
// `read` is called once and calls what it is given with all values in memory order, in pieces.
using TakeValues = std::function<void(std::span<const float>)>;
Examination examine(const Geometry& geometry, const std::optional<ExaminedMasks>& masks,
                    const ExaminationParameters& parameters,
                    const std::function<void(const TakeValues&)>& read);

}  // namespace nicohort
