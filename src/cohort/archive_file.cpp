#include "cohort/archive_file.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void require_in_archive(const fs::path& archive, const fs::path& file) {
  std::error_code error;
  const fs::path root = fs::canonical(archive, error);
  const fs::path real = error ? fs::path() : fs::canonical(file, error);
  if (error) return;
  if (std::mismatch(root.begin(), root.end(), real.begin(), real.end()).first != root.end())
    throw BadInput("leads out of the archive by a symbolic link; put the file itself there");
}

}  // namespace nicohort
