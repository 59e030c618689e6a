// Looking at a volume's values under a mask while they stream past.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "mask/run_mask.hpp"

namespace nicohort {

// Follows the runs of a mask along values that come in memory order, in pieces of any size. Costs
// what the mask has in runs and rows, not what the volume has in voxels.
class MaskWalk {
 public:
  explicit MaskWalk(const BinaryMask& where) : where_(where) {}
  explicit MaskWalk(BinaryMask&&) = delete;  // it keeps a reference

  // Calls on_run(x, values) for each run, or part of one where a piece ends, with the values under
  // it, the first of which is at column x; on_row_end() behind the last of each row.
  template <class OnRun, class OnRowEnd>
  void feed(std::span<const float> values, OnRun&& on_run, OnRowEnd&& on_row_end) {
    const std::int64_t width = where_.size().x;
    while (!values.empty()) {
      // The part of the row that these values cover.
      const std::int64_t end = std::min<std::int64_t>(width, x_ + values.size());
      for (; next_ < where_.row_start(row_ + 1) && where_.runs()[next_].begin < end; ++next_) {
        const Run& run = where_.runs()[next_];
        const std::int64_t begin = std::max<std::int64_t>(run.begin, x_);
        const std::int64_t stop = std::min<std::int64_t>(run.end, end);
        on_run(begin, values.subspan(begin - x_, stop - begin));
        if (run.end > end) break;  // the rest of the run comes with the next values
      }
      values = values.subspan(end - x_);
      x_ = end;
      if (x_ == width) {
        on_row_end();
        x_ = 0;
        ++row_;
      }
    }
  }

 private:
  const BinaryMask& where_;
  std::int64_t row_ = 0;
  std::int64_t x_ = 0;    // of the next value
  std::size_t next_ = 0;  // run of where_ that the next value is in or before
};

}  // namespace nicohort
