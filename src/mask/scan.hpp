// From voxels to runs and back, in a stream.
#pragma once

#include <cstdint>
#include <span>

#include "mask/run_mask.hpp"

namespace nicohort {

// Builds a LabelMask from voxel values that come in memory order, in pieces of any size.
class LabelScanner {
 public:
  explicit LabelScanner(Size3 size) : mask_(size) {}
  void feed(std::span<const std::uint8_t> labels);
  LabelMask finish();  // all voxels must have been fed, none beyond

 private:
  LabelMask mask_;
  std::int64_t x_ = 0;  // of the next voxel
};

// Voxel values of a mask in memory order, in pieces of any size; the inverse of LabelScanner.
class LabelPainter {
 public:
  explicit LabelPainter(const LabelMask& mask) : mask_(mask) {}
  explicit LabelPainter(LabelMask&&) = delete;  // it keeps a reference
  void paint(std::span<std::uint8_t> into);     // the next voxels; 0 beyond the last

 private:
  const LabelMask& mask_;
  std::int64_t next_ = 0;  // voxel, counted over the whole image
  std::int64_t row_ = 0;   // at most the row of run_
  std::size_t run_ = 0;
};

}  // namespace nicohort
