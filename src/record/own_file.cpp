#include "record/own_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "cohort/below.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void require_own(const fs::path& folder, const fs::path& file) {
  const fs::path inner = file.lexically_relative(folder);
  const std::string name = inner.generic_string();
  blaming(name, [&] { require_below(folder, file, "dataset"); });
  fs::path place = folder;
  std::error_code error;
  for (const fs::path& part : inner) {
    place /= part;
    if (fs::is_symlink(place, error))
      throw BadInput(name, "is a symbolic link, or lies in one; put the file itself there");
  }
  if (fs::exists(file, error) && !fs::is_regular_file(file, error))
    throw BadInput(name, "is not a regular file; remove it");
}

void write_own_file(const fs::path& dataset, const fs::path& file, std::string_view text) {
  require_own(dataset, file);
  write_file(file, text);
}

void remove_own_file(const fs::path& dataset, const fs::path& file) {
  require_own(dataset, file);
  std::error_code error;
  fs::remove(file, error);
  if (error)
    throw MachineError(
        fmt::format("cannot remove {}: {}; check the permissions, and start the "
                    "same command again",
                    file.string(), error.message()));
}

bool is_in_folder_of(const std::string& id, const fs::path& file) {
  return file == file.lexically_normal() && is_below(file.string()) && file.has_filename() &&
         file.parent_path().filename() == id && !id.empty() &&
         std::find(file.begin(), file.end(), ".nicohort") == file.end();
}

}  // namespace nicohort
