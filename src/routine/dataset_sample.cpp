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

Window window_of(const std::vector<double>& thresh) {
  if (!(thresh[0] <= thresh[1]))
    throw UsageError(fmt::format("--thresh {} {}: the first must not be above the second",
                                 thresh[0], thresh[1]));
  return {thresh[0], thresh[1]};
}

}  // namespace nicohort
