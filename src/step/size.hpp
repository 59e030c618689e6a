// How large a connected region must be: `300 mm3`, `10 mm2`, `25 voxels`.
#pragma once

#include <array>
#include <string>

namespace nicohort {

// A region is small if it is strictly below this: in space (mm³) or in a slice (mm²), or by its
// number of voxels.
struct SmallerThan {
  enum class Unit { mm, voxels };

  double amount = 0;
  Unit unit = Unit::mm;
  int dimensions = 3;  // 3: regions in space; 2: in slices

  // The same as mm³ or mm² where voxels have this spacing (mm, x y z).
  double in_mm(const std::array<double, 3>& spacing) const;

  bool operator==(const SmallerThan&) const = default;
};

// `300 mm3`
std::string text_of(const SmallerThan& size);
// Throws UsageError, without a subject, for anything that is not such a size of `dimensions`; a
// number alone is of mm³ or mm².
SmallerThan parse_smaller_than(const std::string& text, int dimensions);

}  // namespace nicohort
