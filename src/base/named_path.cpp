#include "base/named_path.hpp"

#include <fmt/format.h>

#include "base/problem.hpp"

namespace nicohort {

bool is_folder(const std::filesystem::path& path) {
  std::error_code error;
  return std::filesystem::is_directory(path, error);
}

void require_folder(const std::filesystem::path& path, const std::string& option) {
  if (!is_folder(path))
    throw UsageError(fmt::format("{}: no such folder; check {}", path.string(), option));
}

void require_file(const std::filesystem::path& path, const std::string& option,
                  const std::string& what) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw UsageError(fmt::format(
        "{}: {}; {} is {}", path.string(),
        std::filesystem::is_directory(path, error) ? "is a folder, not a file" : "no such file",
        option, what));
}

}  // namespace nicohort
