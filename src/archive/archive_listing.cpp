#include "archive/archive_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <optional>

#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool is_image_name(std::string name) {
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return name.ends_with(".nii") || name.ends_with(".nii.gz");
}

// Why a folder is not seen into, which is a problem of that folder and not of the others; none if
// it can be, or is none.
std::optional<Problem> closed_folder(const fs::directory_entry& entry, const std::string& path,
                                     ArchiveNames& names) {
  std::error_code failed;
  if (!entry.is_directory(failed)) return {};
  if (entry.is_symlink(failed))
    return Problem{
        names.present(path), ProblemKind::layout,
        "is a symbolic link to a folder, which is not followed; replace it by the folder itself"};
  fs::directory_iterator probe(entry.path(), failed);
  // Not the folder's fault but the machine's, which would hide one folder after the other.
  if (failed == std::errc::too_many_files_open || failed == std::errc::not_enough_memory)
    throw MachineError(
        fmt::format("cannot list {}: {}; try --jobs 1, or allow more open files "
                    "(ulimit -n)",
                    (names.root() / names.present(path)).string(), failed.message()));
  if (!failed) return {};
  return Problem{names.present(path), ProblemKind::unreadable_file,
                 fmt::format("cannot be listed: {}; check its permissions", failed.message())};
}

}  // namespace

ArchiveListing list_archive(ArchiveNames& names) {
  ArchiveListing listing;
  std::error_code error;
  fs::recursive_directory_iterator entries(names.root(), error), end;
  while (!error && entries != end) {
    const std::string path = entries->path().lexically_relative(names.root()).generic_string();
    auto closed = closed_folder(*entries, path, names);
    if (closed) {
      listing.problems.push_back(std::move(*closed));
      std::error_code unknown;
      if (!entries->is_symlink(unknown)) listing.is_complete = false;
      entries.disable_recursion_pending();
    } else if (is_image_name(entries->path().filename().string())) {
      const std::string name = names.present(path);
      if (is_utf8(path))
        listing.images.push_back(name);
      else
        listing.problems.push_back(
            {name, ProblemKind::layout,
             "has a name that is not UTF-8, which a manifest cannot hold; left out: rename it"});
    }
    entries.increment(error);
  }
  if (error)
    throw MachineError(fmt::format("cannot list {}: {}", names.root().string(), error.message()));
  std::sort(listing.images.begin(), listing.images.end());
  std::sort(listing.problems.begin(), listing.problems.end(),
            [](const Problem& a, const Problem& b) { return a.subject < b.subject; });
  return listing;
}

}  // namespace nicohort
