#include "dataset/own_folders.hpp"

#include <cerrno>
#include <vector>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/named_path.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Somebody may remove an empty folder just before something is made in it: a few tries.
bool make_all(const fs::path& folder) {
  if (folder.empty() || is_folder(folder)) return true;
  if (!make_all(folder.parent_path())) return false;
  if (disk().mkdir(folder) != 0) return errno == EEXIST && is_folder(folder);
  flush_folder(folder.parent_path());
  return true;
}

void require_own(const fs::path& folder) {
  std::error_code error;
  if (fs::symlink_status(folder, error).type() == fs::file_type::symlink)
    throw MachineError(
        folder.string() +
        " is a symbolic link, which can lead anywhere; replace it by the folder itself");
}

}  // namespace

void throw_unknown(const fs::path& file, const std::error_code& error) {
  errno = error.value();
  throw_machine_error("examine", file);
}

void make_folders(const fs::path& folder) {
  for (int tries = 0; !make_all(folder); ++tries)
    if (errno != ENOENT || tries == 5) throw_machine_error("make the folder", folder);
}

void require_own_folder(const fs::path& dataset, const fs::path& folder) {
  fs::path place = dataset;
  for (const fs::path& name : folder.lexically_relative(dataset)) require_own(place /= name);
}

void make_own_folder(const fs::path& dataset, const fs::path& folder) {
  require_own_folder(dataset, folder);
  make_folders(folder);
}

void require_no_links(const fs::path& dataset, const fs::path& folder) {
  fs::path place = dataset;
  for (const fs::path& name : folder) {
    place /= name;
    std::error_code error;
    if (fs::symlink_status(place, error).type() == fs::file_type::symlink)
      throw BadInput(
          place.lexically_relative(dataset).generic_string(), ProblemKind::layout,
          "is a symbolic link, which can lead out of the dataset; replace it by the folder itself");
  }
}

std::optional<std::string> read_own_file(const fs::path& dataset, const fs::path& file,
                                         std::size_t limit) {
  std::error_code error;
  const auto status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found || error == std::errc::filename_too_long)
    return {};  // no file can have a name that the disk does not take
  if (status.type() == fs::file_type::none) throw_unknown(file, error);
  return blaming(file.lexically_relative(dataset).generic_string(), [&] {
    if (status.type() == fs::file_type::symlink)
      throw BadInput(ProblemKind::layout,
                     "is a symbolic link, which is not followed; replace it by the file itself");
    return read_file(file, limit);
  });
}

void remove_tree(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    entries.push_back(entry->path());
  for (const fs::path& entry : entries) {
    if (fs::symlink_status(entry, error).type() == fs::file_type::directory)
      remove_tree(entry);
    else if (disk().unlink(entry) != 0 && errno != ENOENT)
      throw_machine_error("remove", entry);
  }
  if (disk().rmdir(folder) != 0 && errno != ENOENT) throw_machine_error("remove", folder);
}

}  // namespace nicohort
