#include "cohort/unmapped.hpp"

#include <fmt/format.h>

#include "mask/operations.hpp"

namespace nicohort {

std::vector<std::string> unmapped_values(const LabelMask& mask, const LabelNames& names) {
  std::vector<std::string> sentences;
  const auto voxels = count_labels(mask);
  for (std::size_t label = 0; label < voxels.size(); ++label)
    if (voxels[label] > 0 && !names.contains(static_cast<std::uint8_t>(label)))
      sentences.push_back(
          fmt::format("has {} voxels of value {}, which the label map lacks; add it to the map "
                      "or correct the mask",
                      voxels[label], label));
  return sentences;
}

}  // namespace nicohort
