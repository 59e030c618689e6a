#include "base/below.hpp"

#include <algorithm>

#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;

bool begins_with(const fs::path& path, const fs::path& folder) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

bool is_below(const std::string& path) {
  const fs::path normal = fs::path(path).lexically_normal();
  return normal.is_relative() && !normal.empty() && *normal.begin() != "..";
}

bool is_within(const fs::path& file, const fs::path& folder) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path real = error ? fs::path() : fs::weakly_canonical(fs::absolute(file), error);
  return !error && begins_with(real, root);
}

void require_below(const fs::path& folder, const fs::path& file, const std::string& what) {
  std::error_code error;
  const fs::path root = fs::canonical(folder, error);
  const fs::path real = error ? fs::path() : fs::weakly_canonical(file, error);
  if (error) return;  // opening it says what is wrong
  if (!begins_with(real, root))
    throw BadInput(
        ProblemKind::layout,
        "leads out of the " + what + " by a symbolic link; replace it by the file itself" +
            (what == "archive" ? ", or name the archive with run --archive, which follows links"
                               : ""));
}

}  // namespace nicohort
