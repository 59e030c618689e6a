#include "mask/axes.hpp"

#include <vector>

namespace nicohort {
namespace {

BinaryMask exchange_y_and_z(const BinaryMask& mask) {
  const Size3& size = mask.size();
  BinaryMask exchanged({size.x, size.z, size.y});
  for (std::int64_t y = 0; y < size.y; ++y) {
    for (std::int64_t z = 0; z < size.z; ++z) {
      for (const Run& run : mask.row(y, z)) exchanged.add(run);
      exchanged.end_row();
    }
  }
  return exchanged;
}

BinaryMask exchange_x_and_z(const BinaryMask& mask) {
  const Size3& size = mask.size();
  std::vector<std::vector<Run>> rows(size.x * size.y);  // along z; y fastest
  for (std::int64_t z = 0; z < size.z; ++z) {
    for (std::int64_t y = 0; y < size.y; ++y) {
      for (const Run& run : mask.row(y, z)) {
        for (std::int64_t x = run.begin; x < run.end; ++x) {
          std::vector<Run>& row = rows[y + x * size.y];
          if (!row.empty() && row.back().end == z)
            ++row.back().end;
          else
            row.push_back({std::uint32_t(z), std::uint32_t(z + 1)});
        }
      }
    }
  }
  BinaryMask exchanged({size.z, size.y, size.x});
  for (const std::vector<Run>& row : rows) {
    for (const Run& run : row) exchanged.add(run);
    exchanged.end_row();
  }
  return exchanged;
}

}  // namespace

BinaryMask exchange_with_z(const BinaryMask& mask, int axis) {
  if (axis == 2) return mask;
  return axis == 1 ? exchange_y_and_z(mask) : exchange_x_and_z(mask);
}

}  // namespace nicohort
