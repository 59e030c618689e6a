#include "step/examine.hpp"

#include "mask/sets.hpp"

namespace nicohort {

std::vector<std::pair<std::uint8_t, std::int64_t>> foreground_voxels(const LabelMask& mask) {
  const auto counts = count_labels(mask);
  std::vector<std::pair<std::uint8_t, std::int64_t>> voxels;
  for (std::size_t label = 1; label < counts.size(); ++label)
    if (counts[label] > 0) voxels.emplace_back(label, counts[label]);
  return voxels;
}

}  // namespace nicohort
