#include "routine/dataset_sample.hpp"

#include <fmt/format.h>

#include "cohort/mask_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

bool has_mask(const fs::path& root, const SampleFiles& sample) {
  std::error_code error;
  return fs::exists(root / sample.mask(), error);
}

BinaryMask voxels_outside(const fs::path& root, const SampleFiles& sample, const BinaryMask& where,
                          Window window) {
  ImageReader volume = open_volume(root, sample.volume());
  const Size3& size = volume.header().geometry.size;
  if (!(size == where.size()))
    throw BadInput(
        fmt::format("volume ({}×{}×{}) and mask ({}×{}×{}) differ in size; run confirm_pairs "
                    "again",
                    size.x, size.y, size.z, where.size().x, where.size().y, where.size().z));
  OutsideWindow outside(where, window);
  blaming(sample.volume().generic_string(), [&] {
    volume.read_values([&](std::span<const float> values) { outside.feed(values); });
  });
  return outside.finish();
}

void require_window(const std::vector<double>& thresh) {
  if (!(thresh[0] <= thresh[1]))
    throw UsageError(fmt::format("--thresh {} {}: the first must not be above the second",
                                 thresh[0], thresh[1]));
}

void report_unmapped(const LabelMask& mask, const LabelNames& names, const SampleFiles& sample,
                     ProblemSink& problems) {
  auto voxels = count_labels(mask);
  for (std::size_t label = 0; label < voxels.size(); ++label)
    if (voxels[label] > 0 && !names.contains(static_cast<std::uint8_t>(label)))
      problems.add(
          sample.mask().generic_string(),
          fmt::format("has {} voxels of value {}, which the label map lacks; add it to the map "
                      "or correct the mask",
                      voxels[label], label));
}

}  // namespace nicohort
