#include "base/written_files.hpp"

#include <algorithm>
#include <mutex>
#include <set>

namespace nicohort {
namespace {

struct Written {
  std::mutex mutex;
  bool is_listed = false;
  std::set<std::string> files;
};

Written& written() {
  static Written written;
  return written;
}

}  // namespace

void list_written_files() {
  const std::lock_guard guard(written().mutex);
  written().is_listed = true;
}

void was_written(const std::filesystem::path& file) {
  const std::lock_guard guard(written().mutex);
  if (!written().is_listed || std::any_of(file.begin(), file.end(), [](const auto& name) {
        return name.string().starts_with(".nicohort");
      }))
    return;
  written().files.insert(file.lexically_normal().string());
}

std::vector<std::string> written_files() {
  const std::lock_guard guard(written().mutex);
  return {written().files.begin(), written().files.end()};
}

}  // namespace nicohort
