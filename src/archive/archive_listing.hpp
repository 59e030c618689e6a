// The images that an archive has, by the names of its files.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/problem.hpp"

namespace nicohort {

struct ArchiveListing {
  std::vector<std::string> images;      // files with the ending of an image, as presented, sorted
  std::vector<Problem> problems;        // sorted
  std::size_t hidden = 0;               // files and folders whose name begins with a dot: no images
  std::vector<std::string> unfollowed;  // links to folders that were not followed, as presented
  bool is_complete = true;              // every other folder could be listed
};

// Looks through the whole archive; `names` then knows all that it has. Links to folders are
// followed only if `names` follows links, and never into the archive itself or to a folder that
// they lie in. Throws MachineError.
ArchiveListing list_archive(ArchiveNames& names);

}  // namespace nicohort
