#include "phantom/outline.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "phantom/dice.hpp"

namespace nicohort {

std::vector<std::uint8_t> outline(const Geometry& geometry, std::span<const Tissue> tissue,
                                  const Carelessness& carelessness, std::uint64_t key) {
  const Size3& size = geometry.size;
  std::vector<std::uint8_t> labels(tissue.size());
  for (std::int64_t k = 0; k < size.z; ++k) {
    const auto at = [&](std::int64_t x, std::int64_t y) {
      return std::size_t(x + size.x * (y + size.y * k));
    };
    // The tumour's middle in this slice, in voxels.
    double cx = 0, cy = 0, n = 0;
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; ++x)
        if (tissue[at(x, y)] == Tissue::tumour) cx += double(x), cy += double(y), ++n;
    if (n == 0) continue;
    cx /= n, cy /= n;

    Dice dice(hash_keys(key, k));
    const bool with_lumen = dice.chance(carelessness.lumen);
    const bool with_rim = dice.chance(carelessness.rim);
    const double side = dice.uniform(0, 2 * std::numbers::pi);
    for (std::int64_t y = 0; y < size.y; ++y)
      for (std::int64_t x = 0; x < size.x; ++x) {
        const double dx = double(x) - cx, dy = double(y) - cy;
        switch (tissue[at(x, y)]) {
          case Tissue::other:
            break;
          case Tissue::tumour:
            labels[at(x, y)] = !dice.chance(carelessness.pinhole);
            break;
          case Tissue::lumen:
            labels[at(x, y)] = with_lumen;
            break;
          case Tissue::rim:
            labels[at(x, y)] = with_rim && dx * std::cos(side) + dy * std::sin(side) >
                                               0.6 * std::sqrt(dx * dx + dy * dy);
            break;
        }
      }

    if (!dice.chance(carelessness.speck)) continue;
    const double pixel = geometry.spacing[0] * geometry.spacing[1];
    for (int speck = dice.integer(1, 3); speck > 0; --speck) {
      const double angle = dice.uniform(0, 2 * std::numbers::pi), mm = dice.uniform(32, 55);
      const auto x0 = std::int64_t(cx + std::cos(angle) * mm / geometry.spacing[0]);
      const auto y0 = std::int64_t(cy + std::sin(angle) * mm / geometry.spacing[1]);
      const int voxels = std::max(1, int(dice.uniform(1, 9) / pixel));
      const int width = int(std::ceil(std::sqrt(voxels)));
      for (int v = 0; v < voxels; ++v) {
        const std::int64_t x = x0 + v % width, y = y0 + v / width;
        if (x >= 0 && y >= 0 && x < size.x && y < size.y) labels[at(x, y)] = 1;
      }
    }
  }
  return labels;
}

}  // namespace nicohort
