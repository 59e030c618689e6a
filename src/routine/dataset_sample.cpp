#include "routine/dataset_sample.hpp"

#include <fmt/format.h>

#include "cohort/below.hpp"
#include "cohort/mask_file.hpp"
#include "record/unfinished.hpp"

namespace nicohort {
namespace fs = std::filesystem;

bool has_mask(const fs::path& root, const SampleFiles& sample) {
  std::error_code error;
  return fs::exists(root / sample.mask(), error);
}

void require_same_size(const Size3& volume, const Size3& mask) {
  if (volume == mask) return;
  throw BadInput(
      fmt::format("volume ({}×{}×{}) and mask ({}×{}×{}) differ in size; run confirm_pairs again",
                  volume.x, volume.y, volume.z, mask.x, mask.y, mask.z));
}

BinaryMask voxels_outside(const fs::path& root, const SampleFiles& sample, const BinaryMask& where,
                          Window window) {
  ImageReader volume = open_volume(root, sample.volume());
  require_same_size(volume.header().geometry.size, where.size());
  OutsideWindow outside(where, window);
  blaming(sample.volume().generic_string(), [&] {
    volume.read_values([&](std::span<const float> values) { outside.feed(values); });
  });
  return outside.finish();
}

DatasetAtWork::DatasetAtWork(const fs::path& root, const fs::path& output) {
  using enum FolderLock::Sharing;
  std::error_code error;
  const bool is_in_place = fs::equivalent(root, output, error);
  if (fs::is_directory(root, error)) root_.emplace(root, is_in_place ? alone : with_commands);
  samples_ = find_samples(root);
  if (is_in_place) return;
  require_finished(root);
  if (output.empty()) return;
  const fs::path within =
      fs::weakly_canonical(output, error).lexically_relative(fs::weakly_canonical(root, error));
  if (is_below(within.string()))
    throw UsageError(
        fmt::format("{}: lies in the dataset {}, which would have its samples twice; name another "
                    "--output_dir",
                    output.string(), root.string()));
  output_.emplace(output, alone);
}

ManifestAtWork::ManifestAtWork(const fs::path& manifest_file) {
  const fs::path folder =
      manifest_file.has_parent_path() ? manifest_file.parent_path() : fs::path(".");
  std::error_code error;
  if (fs::is_directory(folder, error)) dataset_.emplace(folder, FolderLock::Sharing::with_commands);
  require_finished(folder);
}

Window window_of(const std::vector<double>& thresh) {
  if (!(thresh[0] <= thresh[1]))
    throw UsageError(fmt::format("--thresh {} {}: the first must not be above the second",
                                 thresh[0], thresh[1]));
  return {thresh[0], thresh[1]};
}

}  // namespace nicohort
