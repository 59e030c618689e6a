#include "dataset/recorded_files.hpp"

#include "base/sha256.hpp"

namespace nicohort {
namespace fs = std::filesystem;

std::string key_of(const fs::path& file) {
  return (fs::path(dataset_folder) / file).generic_string();
}

bool is_as_recorded(const fs::path& dataset, const SampleRecord& record, const fs::path& file,
                    Cache* cache) {
  const auto recorded = record.files.find(file.filename().string());
  if (recorded == record.files.end() || record.folder != file.parent_path()) return false;
  const std::string key = key_of(file);
  const FileState state = state_of(dataset / file);
  if (!state.exists()) return false;
  if (cache)
    if (auto known = cache->sha256(key, state)) return *known == recorded->second;
  try {
    const std::string sha256 = sha256_of_file(dataset / file);
    if (cache) cache->put_sha256(key, state, sha256);
    return sha256 == recorded->second;
  } catch (const BadInput&) {
    return false;
  }
}

BadInput missing(const fs::path& file) {
  return BadInput(
      file.generic_string(), ProblemKind::incomplete,
      "is missing; restore it from a backup, or make the sample again from the archive");
}

std::vector<fs::path> missing_masks(const fs::path& dataset, const SampleRecord& record,
                                    const SampleFiles& files) {
  std::vector<fs::path> masks;
  for (const auto& [name, sha256] : record.files) {
    std::error_code error;
    if (name.starts_with(record.id + "_mask") && !fs::exists(dataset / files.folder / name, error))
      masks.push_back(files.folder / name);
  }
  return masks;
}

}  // namespace nicohort
