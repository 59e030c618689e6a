#include "step/confirm.hpp"

#include <fmt/format.h>

#include "base/problem.hpp"

namespace nicohort {
namespace {

constexpr double largest_silent_shift = 0.5;  // voxels

std::string text_of(const Size3& size) {
  return fmt::format("{}×{}×{}", size.x, size.y, size.z);
}

}  // namespace

std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& mask) {
  if (!(volume.size == mask.size))
    throw BadInput(ProblemKind::geometry,
                   fmt::format("the mask has {} voxels, but the volume has {}; sample left out: "
                               "draw the mask on this volume or resample it",
                               text_of(mask.size), text_of(volume.size)));
  double shift = largest_corner_shift(volume, mask);
  if (shift <= largest_silent_shift) return {};
  return fmt::format(
      "the position of the mask differs by up to {:.3g} voxels from the volume; the geometry of "
      "the volume was used: check that the mask fits",
      shift);
}

}  // namespace nicohort
