// Looking at a volume's values for the steps that need them.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "mask/run_mask.hpp"
#include "step/outside_window.hpp"

namespace nicohort {

// Called with all values in memory order, in pieces.
using TakeValues = std::function<void(std::span<const float>)>;
// Reads the volume from its beginning.
using ReadValues = std::function<void(const TakeValues&)>;

// Answers which voxels have a value out of a window. What is asked of voxels and windows that were
// known while the volume streamed past anyway costs nothing more; anything else reads it again.
class Values {
 public:
  explicit Values(ReadValues read) : read_(std::move(read)) {}
  Values(const Values&) = delete;
  Values& operator=(const Values&) = delete;

  // Before the volume streams past: the windows that will be asked for, and the voxels, or more.
  void expect(BinaryMask where, const std::vector<Window>& windows);
  void feed(std::span<const float> values);  // all of them, once

  // The voxels of `where` whose value is not within the window (NaN is not).
  BinaryMask outside(const BinaryMask& where, Window window);

 private:
  struct Expected {
    Window window;
    OutsideWindow seen;
    std::optional<BinaryMask> outside;
  };

  ReadValues read_;
  BinaryMask where_;
  std::vector<Expected> expected_;
};

}  // namespace nicohort
