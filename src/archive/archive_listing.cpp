#include "archive/archive_listing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "archive/file_kind.hpp"
#include "base/below.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

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
          return begins_with(other.path, target) || begins_with(target, other.path);
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

// Why a symbolic link leads to no file, which error says.
std::string flaw_of_broken_link(const fs::path& link, const std::error_code& error) {
  if (error == std::errc::too_many_symbolic_link_levels)
    return "leads back to itself by symbolic links, so there is no file; left out: remove the link";
  std::error_code unknown;
  const std::string target = fs::read_symlink(link, unknown).generic_string();
  if (target.find("annex/objects/") != std::string::npos)
    return "is a git-annex link whose content is not on this machine; left out: fetch it with git "
           "annex get, or datalad get";
  return "is a symbolic link to a file that does not exist; left out: restore the file, or remove "
         "the link";
}

// Enters files into a listing.
class FoundFiles {
 public:
  FoundFiles(ArchiveNames& names, ArchiveListing& listing) : names_(names), listing_(listing) {}

  void add(const fs::directory_entry& entry, const std::string& path) {
    const fs::path file(path);
    FileKind kind = kind_of_file(file.filename().string());
    std::error_code unknown;
    if (entry.is_symlink(unknown))
      if (const auto status = fs::status(entry.path(), unknown); !fs::exists(status))
        kind.flaw = flaw_of_broken_link(entry.path(), unknown);
    const std::string image =
        kind.image.empty() ? path : (file.parent_path() / kind.image).generic_string();
    if (!kind.flaw.empty()) {
      unread_[path] = {std::move(kind), image};
      if (unread_[path].kind.is_slice) ++slices_[file.parent_path()];
    } else if (!kind.is_image()) {
      ++listing_.others[ending_of(file.filename().string())];
    } else if (const std::string name = names_.present(path); is_utf8(path)) {
      listing_.images.push_back(name);
    } else {
      listing_.problems.push_back(
          {name, ProblemKind::layout,
           "has a name that is not UTF-8, which a manifest cannot hold; left out: rename it"});
    }
  }

  void finish() {
    for (const auto& [path, file] : unread_) {
      const fs::path folder = fs::path(path).parent_path();
      if (file.kind.is_slice && slices_[folder] > 1) continue;
      // Of two files the first says what there is to say.
      if (const auto header = header_beside(path); header != path && unread_.contains(header))
        continue;
      listing_.unread.push_back(
          {{names_.present(path), ProblemKind::unreadable_file, file.kind.flaw},
           names_.present(file.image)});
    }
    for (const auto& [folder, count] : slices_) {
      if (count < 2) continue;
      const std::string name = folder.empty() ? "." : names_.present(folder.generic_string());
      listing_.unread.push_back(
          {{name, ProblemKind::unreadable_file,
            fmt::format(
                "contains {} DICOM files, which are not read; left out: convert each series "
                "to a .nii.gz file, with dcm2niix for example",
                count)},
           name});
    }
    std::sort(listing_.unread.begin(), listing_.unread.end(),
              [](const auto& a, const auto& b) { return a.problem.subject < b.problem.subject; });
  }

 private:
  struct Unread {
    FileKind kind;
    std::string image;
  };

  static std::string header_beside(std::string path) {
    const std::size_t at = path.rfind(".img");
    return at == std::string::npos ? path : path.replace(at, 4, ".hdr");
  }

  ArchiveNames& names_;
  ArchiveListing& listing_;
  std::map<std::string, Unread> unread_;    // by path
  std::map<fs::path, std::size_t> slices_;  // by folder
};

}  // namespace

ArchiveListing list_archive(ArchiveNames& names) {
  ArchiveListing listing;
  std::error_code error, unknown;
  FoundFiles found(names, listing);
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
      const bool is_link = entries->is_symlink(unknown);
      if (!is_link) listing.is_complete = false;
      if (is_link && !links) listing.unfollowed.push_back(listing.problems.back().subject);
      entries.disable_recursion_pending();
    } else if (!entries->is_directory(unknown) ||
               kind_of_file(entries->path().filename().string()).is_image()) {
      found.add(*entries, path);
    }
    entries.increment(error);
  }
  if (error)
    throw MachineError(fmt::format("cannot list {}: {}", names.root().string(), error.message()));
  found.finish();
  std::sort(listing.images.begin(), listing.images.end());
  std::sort(listing.problems.begin(), listing.problems.end(),
            [](const Problem& a, const Problem& b) { return a.subject < b.subject; });
  return listing;
}

}  // namespace nicohort
