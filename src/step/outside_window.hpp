// The voxels of a mask that are out of a window, found while the volume streams past.
#pragma once

#include <span>

#include "mask/run_mask.hpp"
#include "step/mask_walk.hpp"
#include "step/window.hpp"

namespace nicohort {

// Finds the voxels of a mask whose value is not within a window (NaN is not). Values come in memory
// order, in pieces of any size.
class OutsideWindow {
 public:
  OutsideWindow(const BinaryMask& where, Window window);
  void feed(std::span<const float> values);
  BinaryMask finish();  // all voxels must have been fed

 private:
  MaskWalk walk_;
  Window window_;
  BinaryMask outside_;
};

}  // namespace nicohort
