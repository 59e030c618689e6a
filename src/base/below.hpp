// Files that belong to a folder, an archive or a dataset, which may come from others: what its
// links point to need not be part of it.
#pragma once

#include <filesystem>
#include <string>

namespace nicohort {

// Whether a path that stands in a file names something below a folder, by its words alone.
bool is_below(const std::string& path);

// Whether a path is that of this folder or of something in it, by their words alone.
bool begins_with(const std::filesystem::path& path, const std::filesystem::path& folder);

// Whether a file or folder, which need not be there, is this folder or lies in it, wherever
// symbolic links lead.
bool is_within(const std::filesystem::path& file, const std::filesystem::path& folder);

// Throws BadInput when symbolic links lead the file, which lies below the folder by its path, out
// of it. What is not there passes, as far as its parent folders do. what: `archive` or `dataset`.
void require_below(const std::filesystem::path& folder, const std::filesystem::path& file,
                   const std::string& what);

}  // namespace nicohort
