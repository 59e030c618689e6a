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

std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& image,
                                            Compared what) {
  const bool is_mask = what == Compared::mask;
  const char *image_name = is_mask ? "mask" : "channel",
             *volume_name = is_mask ? "volume" : "first channel";
  if (!(volume.size == image.size))
    throw BadInput(ProblemKind::geometry,
                   fmt::format("the {} has {} voxels, but the {} has {}; sample left out: {}",
                               image_name, text_of(image.size), volume_name, text_of(volume.size),
                               is_mask ? "draw the mask on this volume or resample it"
                                       : "resample all channels to one grid"));
  const double shift = largest_corner_shift(volume, image);
  if (shift <= largest_silent_shift) return {};
  return fmt::format(
      "the position of the {0} differs by up to {1:.3g} voxels from the {2}; the geometry of the "
      "{2} was used: check that the {0} fits",
      image_name, shift, volume_name);
}

}  // namespace nicohort
