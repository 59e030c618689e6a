// Confirming a pair: does the mask belong to the volume, and what geometry do both get.
#pragma once

#include <optional>
#include <string>

#include "image/header.hpp"

namespace nicohort {

// Which image of a sample is compared with its volume: the mask, or another channel than the first.
enum class Compared { mask, channel };

// What is doubtful in the header of an image that is used all the same: it contradicts itself, or
// has no orientation; empty if nothing. volume: of the image, unless it is the volume: where that
// has no orientation, the image needs none.
std::string doubt_of(const Header& image, const Geometry* volume = nullptr);

// How to turn the image so that its box is the volume's (corners within half a voxel). Nothing
// where it lies so already, has no orientation, or no turn does it.
std::optional<Turn> turn_onto(const Geometry& volume, const Geometry& image);

// The image takes the volume's geometry. Throws BadInput when the sizes differ. Gives a warning
// when a corner of the box moves by more than half a voxel, and both have an orientation.
std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& image,
                                            Compared what = Compared::mask);

}  // namespace nicohort
