#include "step/extract.hpp"

#include <algorithm>

namespace nicohort {

std::vector<std::uint8_t> labels_of(const LabelNames& names) {
  std::vector<std::uint8_t> labels;
  for (const auto& [label, name] : names) labels.push_back(label);
  return labels;
}

LabelledMasks extract(const LabelMask& mask, const std::vector<std::uint8_t>& labels) {
  LabelledMasks masks;
  masks.reserve(labels.size());
  for (std::uint8_t label : labels) masks.emplace_back(label, select(mask, label));
  return masks;
}

BinaryMask foreground(const LabelMask& mask) {
  BinaryMask voxels(mask.size());
  for (const auto& [row, runs] : mask.filled_rows()) {
    voxels.go_to(row);
    for (const LabelRun& run : runs) voxels.add({run.begin, run.end});
  }
  return voxels;
}

BinaryMask foreground(const LabelledMasks& masks) {
  BinaryMask voxels;
  for (const auto& [label, mask] : masks)
    if (label != 0) voxels = voxels.size().voxels() == 0 ? mask : unite(voxels, mask);
  if (voxels.size().voxels() > 0) return voxels;
  return subtract(masks.front().second, masks.front().second);
}

}  // namespace nicohort
