#include "mask/sets.hpp"

#include <cassert>
#include <numeric>

#include "mask/row_sets.hpp"

namespace nicohort {
namespace {

BinaryMask background(const LabelMask& mask) {
  BinaryMask result(mask.size());
  const auto width = std::uint32_t(mask.size().x);
  for (std::int64_t row = 0; row < mask.size().rows(); ++row) {
    std::uint32_t x = 0;
    for (const LabelRun& run : mask.row(row)) {
      if (x < run.begin) result.add({x, run.begin});
      x = run.end;
    }
    if (x < width) result.add({x, width});
    result.end_row();
  }
  return result;
}

template <class AddRow>
BinaryMask combine_rows(const BinaryMask& a, const BinaryMask& b, AddRow add_row) {
  assert(a.size() == b.size());
  BinaryMask result(a.size());
  for (std::int64_t row = 0; row < a.size().rows(); ++row) {
    add_row(a.row(row), b.row(row), result);
    result.end_row();
  }
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
  if (label == 0) return background(mask);
  BinaryMask result(mask.size());
  for (std::int64_t row = 0; row < mask.size().rows(); ++row) {
    for (const LabelRun& run : mask.row(row)) {
      if (run.label == label) result.add({run.begin, run.end});
    }
    result.end_row();
  }
  return result;
}

LabelMask relabel(const BinaryMask& mask, std::uint8_t label) {
  LabelMask result(mask.size());
  for (std::int64_t row = 0; row < mask.size().rows(); ++row) {
    for (const Run& run : mask.row(row)) result.add({run.begin, run.end, label});
    result.end_row();
  }
  return result;
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
