// Looking at a volume's values under a mask while they stream past.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "mask/run_mask.hpp"

namespace nicohort {

// Follows the runs of a mask along values that come in memory order, in pieces of any size. Costs
// what the mask has in runs, not what the volume has in voxels.
class MaskWalk {
 public:
  explicit MaskWalk(const BinaryMask& where) : where_(where) {}
  explicit MaskWalk(BinaryMask&&) = delete;  // it keeps a reference

  // Calls on_run(row, x, values) for each run, or part of one where a piece ends, with the values
  // under it, the first of which is at column x of the row.
  template <class OnRun>
  void feed(std::span<const float> values, OnRun&& on_run) {
    const std::int64_t first = next_;
    next_ += std::ssize(values);
    for (; place_ < where_.filled(); ++place_, run_ = 0) {
      const auto [row, runs] = where_.filled_row(place_);
      const std::int64_t row_begin = row * where_.size().x;
      for (; run_ < runs.size(); ++run_) {
        const std::int64_t begin = std::max(row_begin + runs[run_].begin, first);
        const std::int64_t end = std::min(row_begin + runs[run_].end, next_);
        if (begin >= next_) return;
        on_run(row, begin - row_begin, values.subspan(begin - first, end - begin));
        if (row_begin + runs[run_].end > next_) return;  // the rest comes with the next values
      }
    }
  }

 private:
  const BinaryMask& where_;
  std::int64_t next_ = 0;  // voxel, counted over the whole volume
  // The run of where_ that the next voxel is in or before.
  std::size_t place_ = 0;  // of its row
  std::size_t run_ = 0;    // in the row
};

}  // namespace nicohort
