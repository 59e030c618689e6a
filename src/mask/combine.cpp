#include "mask/combine.hpp"

#include <algorithm>
#include <vector>

namespace nicohort {
namespace {

// A row as labels of its voxels.
class PaintedRow {
 public:
  explicit PaintedRow(std::int64_t width) : labels_(width), is_met_(width) {}

  // Gives the voxels that had another label before and no third one: how many, and the first.
  struct Met {
    std::int64_t x = 0, voxels = 0;
    std::uint8_t label = 0;
  };
  Met paint(const Run& run, std::uint8_t label, bool over) {
    Met met;
    for (std::uint32_t x = run.begin; x < run.end; ++x) {
      std::uint8_t& there = labels_[x];
      if (there != 0 && !is_met_[x]) {
        if (met.voxels++ == 0) met = {x, 1, there};
        is_met_[x] = true;
      }
      if (there == 0 || over) there = label;
    }
    return met;
  }

  // Adds the row to the mask, and is empty afterwards.
  void move_to(LabelMask& mask) {
    for (std::size_t x = 0; x < labels_.size();) {
      const std::uint8_t label = labels_[x];
      const std::size_t begin = x;
      while (x < labels_.size() && labels_[x] == label) ++x;
      if (label != 0) mask.add({std::uint32_t(begin), std::uint32_t(x), label});
    }
    std::fill(labels_.begin(), labels_.end(), std::uint8_t{0});
    is_met_.assign(is_met_.size(), false);
  }

 private:
  std::vector<std::uint8_t> labels_;
  std::vector<bool> is_met_;  // by more than one label
};

}  // namespace

std::optional<Overlap> overlap_named(std::string_view name) {
  for (const Overlap overlap : {Overlap::last, Overlap::first, Overlap::error})
    if (name_of(overlap) == name) return overlap;
  return {};
}

std::string_view name_of(Overlap overlap) {
  switch (overlap) {
    case Overlap::last:
      return "last";
    case Overlap::first:
      return "first";
    default:
      return "error";
  }
}

CombinedMask combine(const std::map<std::uint8_t, BinaryMask>& masks, Overlap overlap) {
  const Size3 size = masks.begin()->second.size();
  CombinedMask combined{LabelMask(size)};
  PaintedRow painted(size.x);
  std::vector<std::pair<std::uint8_t, RowsInTurn<Run>>> labels;
  for (const auto& [label, mask] : masks) labels.emplace_back(label, RowsInTurn<Run>(mask, 0));
  for (std::int64_t row = 0; row < size.rows(); ++row) {
    std::int64_t overlapping = 0;
    PaintedRow::Met first;
    std::uint8_t second = 0;
    for (auto& [label, rows] : labels)
      for (const Run& run : rows.row(row)) {
        const PaintedRow::Met met = painted.paint(run, label, overlap != Overlap::first);
        if (met.voxels > 0 && (overlapping == 0 || met.x < first.x)) {
          first = met;
          second = label;
        }
        overlapping += met.voxels;
      }
    if (overlapping > 0 && combined.overlapping == 0) {
      combined.labels = {first.label, second};
      combined.position = {first.x, row % size.y, row / size.y};
    }
    combined.overlapping += overlapping;
    painted.move_to(combined.mask);
    combined.mask.end_row();
  }
  return combined;
}

}  // namespace nicohort
