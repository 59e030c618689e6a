#include "mask/sets.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <span>
#include <vector>

#include "mask/row_sets.hpp"

namespace nicohort {
namespace {

// The voxels that no run covers.
template <class R>
BinaryMask uncovered(const Rows<R>& mask) {
  BinaryMask result(mask.size());
  const auto width = std::uint32_t(mask.size().x);
  std::int64_t next = 0;
  const auto add_whole_rows = [&](std::int64_t end) {
    for (; next < end; ++next) {
      result.go_to(next);
      result.add({0, width});
    }
  };
  for (const auto& [row, runs] : mask.filled_rows()) {
    add_whole_rows(row);
    result.go_to(next++);
    std::uint32_t x = 0;
    for (const R& run : runs) {
      if (x < run.begin) result.add({x, run.begin});
      x = run.end;
    }
    if (x < width) result.add({x, width});
  }
  add_whole_rows(mask.size().rows());
  return result;
}

// The labels of a row, looked at by ascending x.
class RowWalk {
 public:
  RowWalk(std::span<const LabelRun> runs, std::uint32_t width) : runs_(runs), width_(width) {}

  std::uint8_t label_at(std::uint32_t x) { return is_covered(x) ? runs_.front().label : 0; }
  // Where the voxels that are like the one at x end.
  std::uint32_t end_at(std::uint32_t x) {
    if (is_covered(x)) return runs_.front().end;
    return runs_.empty() ? width_ : runs_.front().begin;
  }

 private:
  bool is_covered(std::uint32_t x) {
    while (!runs_.empty() && runs_.front().end <= x) runs_ = runs_.subspan(1);
    return !runs_.empty() && runs_.front().begin <= x;
  }

  std::span<const LabelRun> runs_;  // those that end behind x
  std::uint32_t width_;
};

template <class AddRow>
BinaryMask combine_rows(const BinaryMask& a, const BinaryMask& b, AddRow add_row) {
  assert(a.size() == b.size());
  BinaryMask result(a.size());
  for_each_row(a, b, [&](std::int64_t row, std::span<const Run> in_a, std::span<const Run> in_b) {
    result.go_to(row);
    add_row(in_a, in_b, result);
  });
  return result;
}

}  // namespace

std::array<std::int64_t, 256> count_labels(const LabelMask& mask) {
  std::array<std::int64_t, 256> voxels{};
  for (const LabelRun& run : mask.runs()) voxels[run.label] += run.length();
  voxels[0] = mask.size().voxels() - std::reduce(voxels.begin() + 1, voxels.end());
  return voxels;
}

std::int64_t count(const BinaryMask& mask) {
  std::int64_t voxels = 0;
  for (const Run& run : mask.runs()) voxels += run.length();
  return voxels;
}

BinaryMask select(const LabelMask& mask, std::uint8_t label) {
  if (label == 0) return uncovered(mask);
  BinaryMask result(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    result.go_to(row);
    for (const LabelRun& run : runs) {
      if (run.label == label) result.add({run.begin, run.end});
    }
  }
  return result;
}

BinaryMask select_any(const LabelMask& mask, const std::array<bool, 256>& labels) {
  BinaryMask result(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    result.go_to(row);
    for (const LabelRun& run : runs) {
      if (labels[run.label] != labels[0]) result.add({run.begin, run.end});
    }
  }
  return labels[0] ? complement(result) : result;
}

LabelMask map_labels(const LabelMask& mask, const std::array<std::uint8_t, 256>& to) {
  LabelMask result(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    result.go_to(row);
    for (const LabelRun& run : runs) {
      if (to[run.label] != 0) result.add({run.begin, run.end, to[run.label]});
    }
  }
  return result;
}

LabelMask paint(const LabelMask& mask, const BinaryMask& voxels, std::uint8_t label) {
  LabelMask painted(mask.size());
  std::vector<LabelRun> runs;
  const auto paint_row = [&](std::int64_t row, std::span<const LabelRun> before,
                             std::span<const Run> strokes) {
    runs.clear();
    auto stroke = strokes.begin();
    for (const LabelRun& run : before) {
      std::uint32_t x = run.begin;
      while (stroke != strokes.end() && stroke->end <= x) ++stroke;
      for (auto over = stroke; over != strokes.end() && over->begin < run.end; ++over) {
        if (over->begin > x) runs.push_back({x, over->begin, run.label});
        x = std::max(x, over->end);
      }
      if (x < run.end) runs.push_back({x, run.end, run.label});
    }
    if (label != 0) {
      const auto left = std::ptrdiff_t(runs.size());
      for (const Run& run : strokes) runs.push_back({run.begin, run.end, label});
      std::inplace_merge(runs.begin(), runs.begin() + left, runs.end(),
                         [](const LabelRun& a, const LabelRun& b) { return a.begin < b.begin; });
    }
    painted.go_to(row);
    for (const LabelRun& run : runs) painted.add(run);
  };
  for_each_row(mask, voxels, paint_row);
  return painted;
}

std::map<std::pair<std::uint8_t, std::uint8_t>, std::int64_t> label_changes(
    const LabelMask& before, const LabelMask& after) {
  assert(before.size() == after.size());
  std::map<std::pair<std::uint8_t, std::uint8_t>, std::int64_t> changes;
  const auto width = std::uint32_t(before.size().x);
  for_each_row(
      before, after,
      [&](std::int64_t, std::span<const LabelRun> in_before, std::span<const LabelRun> in_after) {
        RowWalk was(in_before, width), is(in_after, width);
        for (std::uint32_t x = 0; x < width;) {
          const std::uint32_t end = std::min(was.end_at(x), is.end_at(x));
          if (was.label_at(x) != is.label_at(x))
            changes[{was.label_at(x), is.label_at(x)}] += end - x;
          x = end;
        }
      });
  return changes;
}

std::int64_t count_differing(const LabelMask& mask, const std::array<bool, 256>& labels,
                             const LabelMask& ones) {
  assert(mask.size() == ones.size());
  std::int64_t differing = 0, rows = mask.size().rows();
  const auto width = std::uint32_t(mask.size().x);
  for_each_row(
      mask, ones,
      [&](std::int64_t, std::span<const LabelRun> in_mask, std::span<const LabelRun> in_ones) {
        RowWalk label(in_mask, width), one(in_ones, width);
        for (std::uint32_t x = 0; x < width;) {
          const std::uint32_t end = std::min(label.end_at(x), one.end_at(x));
          if (labels[label.label_at(x)] != (one.label_at(x) == 1)) differing += end - x;
          x = end;
        }
        --rows;
      });
  return labels[0] ? differing + rows * mask.size().x : differing;
}

LabelMask relabel(const BinaryMask& mask, std::uint8_t label) {
  LabelMask result(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    result.go_to(row);
    for (const Run& run : runs) result.add({run.begin, run.end, label});
  }
  return result;
}

BinaryMask complement(const BinaryMask& mask) {
  return uncovered(mask);
}

BinaryMask unite(const BinaryMask& a, const BinaryMask& b) {
  return combine_rows(a, b, add_union);
}

BinaryMask intersect(const BinaryMask& a, const BinaryMask& b) {
  return combine_rows(a, b, add_intersection);
}

BinaryMask subtract(const BinaryMask& a, const BinaryMask& b) {
  return combine_rows(a, b, add_difference);
}

}  // namespace nicohort
