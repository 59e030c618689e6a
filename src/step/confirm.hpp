// Confirming a pair: does the mask belong to the volume, and what geometry do both get.
#pragma once

#include <optional>
#include <string>

#include "image/geometry.hpp"

namespace nicohort {

// The mask takes the volume's geometry. Throws BadInput when the sizes differ. Gives a warning when
// a corner of the box moves by more than half a voxel.
std::optional<std::string> confirm_geometry(const Geometry& volume, const Geometry& mask);

}  // namespace nicohort
