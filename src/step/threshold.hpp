// Thresholding a mask by the volume's values while these stream past.
#pragma once

#include <cstdint>
#include <span>

#include "mask/run_mask.hpp"

namespace nicohort {

struct Window {
  double low = -140, high = 1000;  // in the volume's unit (HU), both inclusive
  bool operator==(const Window&) const = default;
};

// Finds the voxels of a mask whose value is not within a window (NaN is not). Values come in memory
// order, in pieces of any size.
class OutsideWindow {
 public:
  OutsideWindow(const BinaryMask& where, Window window);
  void feed(std::span<const float> values);
  BinaryMask finish();  // all voxels must have been fed

 private:
  const BinaryMask& where_;
  Window window_;
  BinaryMask outside_;
  std::int64_t row_ = 0;
  std::int64_t x_ = 0;    // of the next value
  std::size_t next_ = 0;  // run of where_ that the next value is in or before
};

}  // namespace nicohort
