// Masks as runs along x. A tumour mask of 26 million voxels is a few thousand runs: kept whole in
// memory where the volume never is, and every operation costs what is in it, not what is around it.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "base/problem.hpp"
#include "base/size3.hpp"

namespace nicohort {

// Voxels begin <= x < end of one row.
struct Run {
  std::uint32_t begin = 0, end = 0;
  std::uint32_t length() const { return end - begin; }
  bool operator==(const Run&) const = default;
};

// A run of one label other than 0.
struct LabelRun {
  std::uint32_t begin = 0, end = 0;
  std::uint8_t label = 0;
  std::uint32_t length() const { return end - begin; }
  bool operator==(const LabelRun&) const = default;
};

// Runs join only with their like.
inline bool alike(const Run&, const Run&) {
  return true;
}
inline bool alike(const LabelRun& a, const LabelRun& b) {
  return a.label == b.label;
}

// Runs row by row, rows in memory order (y fastest, then z). Within a row runs are in ascending
// order, do not overlap, are not empty, and neighbours that touch differ (in label), so equal masks
// are equal objects. Rows are appended front to back: add runs of row 0, end_row(), runs of row 1,
// ...
template <class R>
class Rows {
 public:
  Rows() = default;
  explicit Rows(Size3 size) : size_(size), start_{0} {}

  const Size3& size() const { return size_; }
  std::span<const R> row(std::int64_t y, std::int64_t z) const { return row(y + z * size_.y); }
  std::span<const R> row(std::int64_t index) const {
    return {runs_.data() + start_[index], runs_.data() + start_[index + 1]};
  }
  // All runs of all rows.
  std::span<const R> runs() const { return runs_; }
  // Index into runs() of the first run of a row; row_start(rows()) is runs().size().
  std::size_t row_start(std::int64_t index) const { return start_[index]; }

  // Appends to the row under construction. Runs come by ascending begin; one that touches or
  // overlaps the run before, and is alike, makes that one longer.
  void add(R run) {
    if (runs_.size() > start_.back() && run.begin <= runs_.back().end && alike(run, runs_.back())) {
      runs_.back().end = std::max(runs_.back().end, run.end);
    } else {
      runs_.push_back(run);
    }
  }
  void end_row() { end_rows(1); }
  // Ends the row under construction and `count` - 1 empty ones after it.
  void end_rows(std::int64_t count) { start_.insert(start_.end(), count, checked_run_count()); }
  bool complete() const { return std::int64_t(start_.size()) == size_.rows() + 1; }

  bool operator==(const Rows&) const = default;

 private:
  std::uint32_t checked_run_count() const {
    if (runs_.size() > std::numeric_limits<std::uint32_t>::max())
      throw BadInput(
          ProblemKind::mask_value,
          "has more than 4 billion runs of equal voxels; check that it is a mask and not a volume");
    return static_cast<std::uint32_t>(runs_.size());
  }

  Size3 size_;
  std::vector<R> runs_;
  std::vector<std::uint32_t> start_;  // 4 bytes a row: an empty mask of 512×512×800 takes 1.6 MB
};

using BinaryMask = Rows<Run>;      // the voxels that are set
using LabelMask = Rows<LabelRun>;  // label 0 (background) is what no run covers

}  // namespace nicohort
