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

// A row that has runs; its number in memory order, y + z · size.y.
template <class R>
struct FilledRow {
  std::int64_t index = 0;
  std::span<const R> runs;
};

template <class R>
class Rows;

// Some of these, for loops.
template <class R>
struct FilledRows {
  struct Iterator {
    const Rows<R>* rows = nullptr;
    std::size_t place = 0;
    FilledRow<R> operator*() const { return rows->filled_row(place); }
    Iterator& operator++() { return ++place, *this; }
    bool operator==(const Iterator&) const = default;
  };
  Iterator begin() const { return first; }
  Iterator end() const { return behind; }
  bool empty() const { return first == behind; }

  Iterator first, behind;
};

// Runs row by row, rows in memory order (y fastest, then z). Within a row runs are in ascending
// order, do not overlap, are not empty, and neighbours that touch differ (in label), so equal masks
// are equal objects. Rows without runs take no memory: a mask costs what is in it, not what is
// around it. Rows are appended front to back: add runs of row 0, end_row(), runs of row 1, ...
template <class R>
class Rows {
 public:
  Rows() = default;
  explicit Rows(Size3 size) : size_(size) {}

  const Size3& size() const { return size_; }
  // All runs of all rows.
  std::span<const R> runs() const { return runs_; }

  // The rows that have runs, by their place among them.
  std::size_t filled() const { return filled_.size(); }
  FilledRow<R> filled_row(std::size_t place) const {
    const std::size_t end = place + 1 < filled_.size() ? filled_[place + 1].begin : runs_.size();
    return {filled_[place].row, runs().subspan(filled_[place].begin, end - filled_[place].begin)};
  }
  // The place of the first of them from this row on.
  std::size_t filled_from(std::int64_t index) const {
    if (filled_.empty() || index <= filled_.front().row) return 0;
    // In a mask without gaps it is as far from the first one as the rows are.
    const std::size_t most = std::min<std::size_t>(index - filled_.front().row, filled_.size());
    if (most < filled_.size() && filled_[most].row == index) return most;
    const auto before = [](const Start& start, std::int64_t row) { return start.row < row; };
    return std::lower_bound(filled_.begin(), filled_.begin() + most, index, before) -
           filled_.begin();
  }
  // Those begin <= index < end, or all.
  FilledRows<R> filled_rows(std::int64_t begin, std::int64_t end) const {
    return {{this, filled_from(begin)}, {this, filled_from(end)}};
  }
  FilledRows<R> filled_rows() const { return {{this, 0}, {this, filled()}}; }
  FilledRows<R> filled_rows_of_slice(std::int64_t z) const {
    return filled_rows(z * size_.y, (z + 1) * size_.y);
  }

  std::span<const R> row(std::int64_t y, std::int64_t z) const { return row(y + z * size_.y); }
  std::span<const R> row(std::int64_t index) const {
    const std::size_t place = filled_from(index);
    if (place == filled_.size() || filled_[place].row != index) return {};
    return filled_row(place).runs;
  }

  // Appends to the row under construction. Runs come by ascending begin; one that touches or
  // overlaps the run before, and is alike, makes that one longer.
  void add(R run) {
    if (filled_.empty() || filled_.back().row != row_) {
      begin_filled_row();
    } else if (run.begin <= runs_.back().end && alike(run, runs_.back())) {
      runs_.back().end = std::max(runs_.back().end, run.end);
      return;
    }
    runs_.push_back(run);
  }
  void add(std::span<const R> runs) {
    if (filled_.empty() || filled_.back().row != row_) {
      if (runs.empty()) return;
      begin_filled_row();
      runs_.insert(runs_.end(), runs.begin(), runs.end());
    } else {
      for (const R& run : runs) add(run);
    }
  }
  // Appends rows of another mask as those `further` on. The row under construction has no runs.
  void add(const FilledRows<R>& rows, std::int64_t further) {
    if (rows.empty()) return;
    const Rows& from = *rows.first.rows;
    const auto run_at = [&](std::size_t place) {
      return place < from.filled_.size() ? from.filled_[place].begin : from.runs_.size();
    };
    const std::size_t begin = run_at(rows.first.place), end = run_at(rows.behind.place);
    check_numbers(from.filled_[rows.behind.place - 1].row + further, runs_.size() + end - begin);
    for (std::size_t place = rows.first.place; place < rows.behind.place; ++place)
      filled_.push_back({static_cast<std::uint32_t>(from.filled_[place].row + further),
                         static_cast<std::uint32_t>(run_at(place) - begin + runs_.size())});
    runs_.insert(runs_.end(), from.runs_.begin() + begin, from.runs_.begin() + end);
    row_ = filled_.back().row;
  }
  void end_row() { ++row_; }
  // Ends the row under construction and others, up to this one.
  void go_to(std::int64_t row) { row_ = row; }
  std::int64_t row_under_construction() const { return row_; }

  bool operator==(const Rows& other) const {
    return size_ == other.size_ && runs_ == other.runs_ && filled_ == other.filled_;
  }

 private:
  struct Start {
    std::uint32_t row = 0, begin = 0;  // of a row's runs the first
    bool operator==(const Start&) const = default;
  };

  static void check_numbers(std::int64_t row, std::size_t runs) {
    constexpr auto most = std::numeric_limits<std::uint32_t>::max();
    if (runs > most || row > most)
      throw BadInput(ProblemKind::mask_value,
                     "has more than 4 billion rows, or runs of equal voxels; check that it is a "
                     "mask and not a volume");
  }
  void begin_filled_row() {
    check_numbers(row_, runs_.size());
    filled_.push_back({static_cast<std::uint32_t>(row_), static_cast<std::uint32_t>(runs_.size())});
  }

  Size3 size_;
  std::vector<R> runs_;
  std::vector<Start> filled_;  // ascending
  std::int64_t row_ = 0;       // under construction
};

// Looks up rows of a mask, each behind the one before: without a search.
template <class R>
class RowsInTurn {
 public:
  RowsInTurn(const Rows<R>& mask, std::int64_t first)
      : mask_(&mask), place_(mask.filled_from(first)) {}

  // Empty where the mask has no such row.
  std::span<const R> row(std::int64_t index) {
    for (; place_ < mask_->filled(); ++place_) {
      const auto [filled, runs] = mask_->filled_row(place_);
      if (filled == index) return runs;
      if (filled > index) break;
    }
    return {};
  }

 private:
  const Rows<R>* mask_;
  std::size_t place_;
};

// Calls visit(index, runs, runs) for every row that has runs in at least one of two masks of one
// size.
template <class A, class B, class Visit>
void for_each_row(const Rows<A>& a, const Rows<B>& b, Visit&& visit) {
  constexpr auto end = std::numeric_limits<std::int64_t>::max();
  for (std::size_t i = 0, j = 0; i < a.filled() || j < b.filled();) {
    FilledRow<A> in_a{end, {}};
    FilledRow<B> in_b{end, {}};
    if (i < a.filled()) in_a = a.filled_row(i);
    if (j < b.filled()) in_b = b.filled_row(j);
    const std::int64_t index = std::min(in_a.index, in_b.index);
    const bool is_in_a = in_a.index == index, is_in_b = in_b.index == index;
    visit(index, is_in_a ? in_a.runs : std::span<const A>(),
          is_in_b ? in_b.runs : std::span<const B>());
    i += is_in_a, j += is_in_b;
  }
}

using BinaryMask = Rows<Run>;      // the voxels that are set
using LabelMask = Rows<LabelRun>;  // label 0 (background) is what no run covers

}  // namespace nicohort
