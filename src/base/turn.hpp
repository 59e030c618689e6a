// Images with other axes: exchanged, or running the other way.
#pragma once

#include <array>
#include <cstdint>

#include "base/size3.hpp"

namespace nicohort {

// How an image is turned: for each axis of the result the axis of the image that it is (0: x), and
// whether it runs against it.
struct Turn {
  std::array<int, 3> axis{0, 1, 2};
  std::array<bool, 3> reversed{};
  bool operator==(const Turn&) const = default;
};

inline Size3 turned(const Size3& size, const Turn& turn) {
  const std::array<std::int64_t, 3> of{size.x, size.y, size.z};
  return {of[turn.axis[0]], of[turn.axis[1]], of[turn.axis[2]]};
}

// Where the voxels of the result lie in the image, as indices of its memory: that of the first, and
// the way from one to the next along each axis of the result.
struct TurnedVoxels {
  std::int64_t first = 0;
  std::array<std::int64_t, 3> step{};
  std::int64_t at(std::int64_t x, std::int64_t y, std::int64_t z) const {
    return first + x * step[0] + y * step[1] + z * step[2];
  }
};
// size: of the image.
inline TurnedVoxels turned_voxels(const Size3& size, const Turn& turn) {
  const std::array<std::int64_t, 3> sizes{size.x, size.y, size.z},
      steps{1, size.x, size.x * size.y};
  TurnedVoxels voxels;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t step = steps[turn.axis[i]];
    voxels.step[i] = turn.reversed[i] ? -step : step;
    if (turn.reversed[i]) voxels.first += step * (sizes[turn.axis[i]] - 1);
  }
  return voxels;
}

}  // namespace nicohort
