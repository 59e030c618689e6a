// Looking at one sample while its volume streams past: what lies under its mask, what it looks
// like.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mask/run_mask.hpp"
#include "step/intensity.hpp"
#include "step/portrait.hpp"

namespace nicohort {

// The labels other than 0 that have voxels, and how many.
std::vector<std::pair<std::uint8_t, std::int64_t>> foreground_voxels(const LabelMask& mask);

// Takes what it needs of a volume that streams past: once, beside whatever else looks at it. Where
// there is no mask, `drawn` is empty.
class Examiner {
 public:
  // window: of the picture.
  Examiner(const Geometry& geometry, const BinaryMask& drawn, const std::optional<Window>& window)
      : portrait_(geometry, drawn, window), intensity_(drawn) {}
  Examiner(const Geometry&, BinaryMask&&,
           const std::optional<Window>&) = delete;  // it keeps a reference

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

}  // namespace nicohort
