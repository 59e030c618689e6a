#include "run/outcome.hpp"

#include <sys/stat.h>

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MeasuredRegion, voxels, volume, centre, centre_mm)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LabelOutcome, label, exists, before, after)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(IntensitySummary, voxels, not_finite, mean, sd, min, max, p5,
                                   p25, median, p75, p95)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Cleaning, thresholded, removed, filled, relabelled)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(MaskStatistics, voxels, intensity, cleaning,
                                   small_regions_before, small_regions_after)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Outcome, parameters, inputs, outputs, written, confirmation,
                                   extraction, corrected, volume_header, value_hash, has_mask,
                                   labels, statistics)

FileRecord look_at(const fs::path& root, const std::string& path) {
  struct stat status {};
  if (::stat((root / path).c_str(), &status) != 0) return {path, -1, 0, ""};
  return {path, status.st_size, status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, ""};
}

bool is_untouched(const fs::path& root, const FileRecord& record) {
  FileRecord now = look_at(root, record.path);
  return now.bytes == record.bytes && now.changed == record.changed;
}

json json_of(const Outcome& outcome) {
  return outcome;
}

Outcome outcome_from(const json& value) {
  return value.get<Outcome>();
}

}  // namespace nicohort
