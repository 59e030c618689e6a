#include "step/size.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <string_view>

#include "base/problem.hpp"

namespace nicohort {

double SmallerThan::in_mm(const std::array<double, 3>& spacing) const {
  if (unit == Unit::mm) return amount;
  // The voxel's size first, as regions are measured: as many voxels are then exactly as large.
  return amount * (spacing[0] * spacing[1] * (dimensions == 3 ? spacing[2] : 1));
}

std::string text_of(const SmallerThan& size) {
  return fmt::format("{} {}", size.amount,
                     size.unit == SmallerThan::Unit::voxels ? "voxels"
                     : size.dimensions == 3                 ? "mm3"
                                                            : "mm2");
}

SmallerThan parse_smaller_than(const std::string& text, int dimensions) {
  const std::string mm = dimensions == 3 ? "mm3" : "mm2";
  SmallerThan size{0, SmallerThan::Unit::mm, dimensions};
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, size.amount);
  std::string_view unit(rest, end - rest);
  while (unit.starts_with(' ')) unit.remove_prefix(1);
  if (unit == "voxels") size.unit = SmallerThan::Unit::voxels;
  if (error != std::errc() || !std::isfinite(size.amount) || size.amount < 0 ||
      !(unit.empty() || unit == mm || unit == "voxels"))
    throw UsageError(fmt::format("is not a size such as `10 {}` or `25 voxels`", mm));
  return size;
}

}  // namespace nicohort
