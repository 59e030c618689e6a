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

bool is_at_or_below(const fs::path& folder, const fs::path& path) {
  return std::mismatch(folder.begin(), folder.end(), path.begin(), path.end()).first ==
         folder.end();
}

// Where the walk is behind symbolic links.
class FollowedLinks {
 public:
  explicit FollowedLinks(const fs::path& root) : targets_{{-1, fs::canonical(root)}} {}

  // To be called for whatever the walk comes to: what it was in at this depth, it has left.
  void come_to(int depth) {
    while (targets_.back().depth >= depth) targets_.pop_back();
  }

  // Notes a link to a folder at this depth. False if it leads into a folder that the walk is in, or
  // above one, where it would have no end.
  bool enter(const fs::path& link, int depth) {
    std::error_code error;
    const fs::path target = fs::canonical(link, error);
    if (error || std::any_of(targets_.begin(), targets_.end(), [&](const Target& other) {
          return is_at_or_below(target, other.path) || is_at_or_below(other.path, target);
        }))
      return false;
    targets_.push_back({depth, target});
    return true;
  }

 private:
  struct Target {
    int depth = 0;
    fs::path path;
  };
  std::vector<Target> targets_;  // of the links on the way to where the walk is
};

// Why a folder is not seen into, which is a problem of that folder and not of the others; none if
// it can be, or is none.
std::optional<Problem> closed_folder(const fs::directory_entry& entry, const std::string& path,
                                     int depth, FollowedLinks* links, ArchiveNames& names) {
  std::error_code failed;
  if (!entry.is_directory(failed)) return {};
  if (entry.is_symlink(failed)) {
    if (!links)
      return Problem{names.present(path), ProblemKind::layout,
                     "is a symbolic link to a folder, which is not followed; replace it by the "
                     "folder itself, or use nicohort run --archive, which follows links"};
    if (!links->enter(entry.path(), depth))
      return Problem{names.present(path), ProblemKind::layout,
                     "is a symbolic link to a folder that is scanned anyway, and was left out; "
                     "remove the link"};
  }
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
  std::optional<FollowedLinks> links;
  if (names.follows_links()) links.emplace(names.root());
  fs::recursive_directory_iterator entries(
      names.root(),
      links ? fs::directory_options::follow_directory_symlink : fs::directory_options::none, error),
      end;
  while (!error && entries != end) {
    const std::string path = entries->path().lexically_relative(names.root()).generic_string();
    if (links) links->come_to(entries.depth());
    if (entries->path().filename().string().starts_with('.')) {
      ++listing.hidden;
      entries.disable_recursion_pending();
      entries.increment(error);
      continue;
    }
    auto closed = closed_folder(*entries, path, entries.depth(), links ? &*links : nullptr, names);
    if (closed) {
      listing.problems.push_back(std::move(*closed));
      std::error_code unknown;
      const bool is_link = entries->is_symlink(unknown);
      if (!is_link) listing.is_complete = false;
      if (is_link && !links) listing.unfollowed.push_back(listing.problems.back().subject);
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
