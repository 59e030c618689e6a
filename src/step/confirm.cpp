#include "step/confirm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/problem.hpp"

namespace nicohort {
namespace {

constexpr double largest_silent_shift = 0.5;  // voxels

std::string text_of(const Size3& size) {
  return fmt::format("{}×{}×{}", size.x, size.y, size.z);
}

}  // namespace

std::string doubt_of(const Header& image, const Geometry* volume) {
  if (!image.contradiction.empty()) return image.contradiction;
  const Geometry& geometry = image.geometry;
  if (geometry.has_orientation() || (volume && !volume->has_orientation())) return "";
  return fmt::format(
      "has no orientation (the codes of its sform and qform are 0), so nothing says where left is; "
      "it was taken as {}: export it with its orientation",
      volume ? "the volume's" : orientation_to(geometry.affine));
}

std::optional<Turn> turn_onto(const Geometry& volume, const Geometry& image) {
  if (!volume.has_orientation() || !image.has_orientation()) return {};
  std::optional<Turn> best;
  double least = std::numeric_limits<double>::infinity();
  Turn turn;  // the axes as they are come first
  do {
    for (int reversed = 0; reversed < 8; ++reversed) {
      for (int axis = 0; axis < 3; ++axis) turn.reversed[axis] = (reversed >> axis) & 1;
      const Geometry candidate = turned(image, turn);
      if (!(candidate.size == volume.size)) continue;
      const double shift = largest_corner_shift(volume, candidate);
      if (turn == Turn() && shift <= largest_silent_shift) return {};
      if (shift <= largest_silent_shift && shift < least) best = turn, least = shift;
    }
  } while (std::next_permutation(turn.axis.begin(), turn.axis.end()));
  return best;
}

std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& image,
                                            Compared what) {
  const bool is_mask = what == Compared::mask;
  const char *image_name = is_mask ? "mask" : "channel",
             *volume_name = is_mask ? "volume" : "first channel";
  if (!(volume.size == image.size))
    throw BadInput(ProblemKind::geometry,
                   fmt::format("the {} has {} voxels, but the {} has {}: {}", image_name,
                               text_of(image.size), volume_name, text_of(volume.size),
                               is_mask ? "draw the mask on this volume or resample it"
                                       : "resample all channels to one grid"));
  if (!volume.has_orientation() || !image.has_orientation()) return {};
  const double shift = largest_corner_shift(volume, image);
  if (shift <= largest_silent_shift) return {};
  return fmt::format(
      "the position of the {0} ({3}) differs by up to {1:.3g} voxels from the {2} ({4}); the "
      "geometry of the {2} was used: check that the {0} matches the {2}",
      image_name, shift, volume_name, orientation_to(image.affine), orientation_to(volume.affine));
}

}  // namespace nicohort
