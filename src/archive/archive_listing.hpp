// The files that an archive has, by their names.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/problem.hpp"

namespace nicohort {

// A file that is or should be an image, but cannot be read as one: of another format, with a
// damaged name, a link that leads nowhere.
struct UnreadImage {
  Problem problem;
  std::string image;  // the image that it would be, as presented
};

struct ArchiveListing {
  std::vector<std::string> images;  // files with the ending of an image, as presented, sorted
  std::vector<UnreadImage> unread;  // sorted
  std::map<std::string, std::size_t> others;  // how many other files, by ending
  std::vector<Problem> problems;              // of folders and names, sorted
  std::size_t hidden = 0;               // files and folders whose name begins with a dot: no images
  std::vector<std::string> unfollowed;  // links to folders that were not followed, as presented
  bool is_complete = true;              // every other folder could be listed
};

// Looks through the whole archive; `names` then knows all that it has. Links to folders are
// followed only if `names` follows links, and never into the archive itself or to a folder that
// they lie in. Throws MachineError.
ArchiveListing list_archive(ArchiveNames& names);

}  // namespace nicohort
