// The tumour outlined by hand, with the mistakes hands make.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/geometry.hpp"
#include "phantom/phantom.hpp"

namespace nicohort {

// How often an outline goes wrong; probabilities.
struct Carelessness {
  double lumen = 0;    // a slice: the air in the passage is outlined, too
  double rim = 0;      // a slice: one side reaches beyond the tumour, up to the lung
  double speck = 0;    // a slice: voxels somewhere else
  double pinhole = 0;  // a voxel of the tumour: left out
};

// Labels (0, 1) of the voxels, x fastest. Specks cover less than 9 mm².
std::vector<std::uint8_t> outline(const Geometry& geometry, std::span<const Tissue> tissue,
                                  const Carelessness& carelessness, std::uint64_t key);

}  // namespace nicohort
