// Confirming a pair: does the mask belong to the volume, and what geometry do both get.
#pragma once

#include <optional>
#include <string>

#include "image/geometry.hpp"

namespace nicohort {

// Which image of a sample is compared with its volume: the mask, or another channel than the first.
enum class Compared { mask, channel };

// The image takes the volume's geometry. Throws BadInput when the sizes differ. Gives a warning
// when a corner of the box moves by more than half a voxel.
std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& image,
                                            Compared what = Compared::mask);

}  // namespace nicohort
