#include "dataset/recorded_files.hpp"

#include "base/problem.hpp"
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

}  // namespace nicohort
