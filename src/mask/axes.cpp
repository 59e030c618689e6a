#include "mask/axes.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace nicohort {
namespace {

BinaryMask exchange_y_and_z(const BinaryMask& mask) {
  const Size3& size = mask.size();
  BinaryMask exchanged({size.x, size.z, size.y});
  for (std::int64_t y = 0; y < size.y; ++y) {
    for (std::int64_t z = 0; z < size.z; ++z) {
      exchanged.add(mask.row(y, z));
      exchanged.end_row();
    }
  }
  return exchanged;
}

BinaryMask exchange_x_and_z(const BinaryMask& mask) {
  const Size3& size = mask.size();
  std::vector<std::vector<Run>> rows(size.x * size.y);  // along z; y fastest
  for (const auto& [index, runs] : mask.filled_rows()) {
    const std::int64_t y = index % size.y, z = index / size.y;
    for (const Run& run : runs) {
      for (std::int64_t x = run.begin; x < run.end; ++x) {
        std::vector<Run>& row = rows[y + x * size.y];
        if (!row.empty() && row.back().end == z)
          ++row.back().end;
        else
          row.push_back({std::uint32_t(z), std::uint32_t(z + 1)});
      }
    }
  }
  BinaryMask exchanged({size.z, size.y, size.x});
  for (const std::vector<Run>& row : rows) {
    exchanged.add(row);
    exchanged.end_row();
  }
  return exchanged;
}

}  // namespace

LabelMask turned(const LabelMask& mask, const Turn& turn) {
  // The axis of the result that is each axis of the mask.
  std::array<int, 3> to{};
  for (int i = 0; i < 3; ++i) to[turn.axis[i]] = i;
  const Size3 &from = mask.size(), size = turned(from, turn);
  const std::array<std::int64_t, 3> sizes{from.x, from.y, from.z};
  std::vector<std::vector<LabelRun>> rows(size.rows());
  const auto put = [&](std::int64_t x, std::int64_t y, std::int64_t z, std::uint32_t length,
                       std::uint8_t label) {
    const std::array<std::int64_t, 3> at{x, y, z};
    std::array<std::int64_t, 3> place{};
    for (int axis = 0; axis < 3; ++axis)
      place[to[axis]] = turn.reversed[to[axis]] ? sizes[axis] - 1 - at[axis] : at[axis];
    if (turn.reversed[0] && to[0] == 0) place[0] -= length - 1;  // of a run its other end
    const auto begin = static_cast<std::uint32_t>(place[0]);
    rows[place[1] + place[2] * size.y].push_back({begin, begin + length, label});
  };
  for (const auto& [row, runs] : mask.filled_rows())
    for (const LabelRun& run : runs) {
      const std::int64_t y = row % from.y, z = row / from.y;
      if (to[0] == 0)
        put(run.begin, y, z, run.length(), run.label);
      else
        for (std::uint32_t x = run.begin; x < run.end; ++x) put(x, y, z, 1, run.label);
    }
  LabelMask result(size);
  for (std::vector<LabelRun>& row : rows) {
    std::sort(row.begin(), row.end(),
              [](const LabelRun& a, const LabelRun& b) { return a.begin < b.begin; });
    for (const LabelRun& run : row) result.add(run);
    result.end_row();
  }
  return result;
}

BinaryMask exchange_with_z(const BinaryMask& mask, int axis) {
  if (axis == 2) return mask;
  return axis == 1 ? exchange_y_and_z(mask) : exchange_x_and_z(mask);
}

}  // namespace nicohort
