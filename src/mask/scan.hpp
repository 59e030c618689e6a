// From voxels to runs and back, in a stream.
#pragma once

#include <array>
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

// The value that a voxel of each label gets.
using LabelValues = std::array<std::uint8_t, 256>;
LabelValues own_values();                 // its label
LabelValues ones_at(std::uint8_t label);  // 1 for this label, 0 for others

// Voxel values of a mask in memory order, in pieces of any size; with its own values the inverse of
// LabelScanner.
class LabelPainter {
 public:
  explicit LabelPainter(const LabelMask& mask, const LabelValues& values = own_values())
      : mask_(mask), values_(values) {}
  explicit LabelPainter(LabelMask&&) = delete;  // it keeps a reference
  void paint(std::span<std::uint8_t> into);     // the next voxels; background beyond the last

 private:
  std::uint8_t* paint_runs(std::uint8_t* p, const std::uint8_t* end);

  const LabelMask& mask_;
  LabelValues values_;
  std::int64_t next_ = 0;  // voxel, counted over the whole image
  // The run that the next voxel is in or before.
  std::size_t place_ = 0;  // of its row
  std::size_t run_ = 0;    // in the row
};

}  // namespace nicohort
