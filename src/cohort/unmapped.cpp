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
          fmt::format("has {} voxels of value {}, which the label map lacks, so that they end as "
                      "background; add it to the map or correct the mask in the archive",
                      voxels[label], label));
  return sentences;
}

}  // namespace nicohort
