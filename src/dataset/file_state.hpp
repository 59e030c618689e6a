// Whether a file is still the one that it was.
#pragma once

#include <cstdint>
#include <filesystem>

namespace nicohort {

// What stat(2) says of a file: another one after any change, unless it falls into the clock tick of
// the last one.
struct FileState {
  std::int64_t bytes = -1;                 // -1: not there
  std::int64_t modified = 0, changed = 0;  // ns since the epoch
  std::uint64_t inode = 0;
  bool operator==(const FileState&) const = default;
  bool exists() const { return bytes >= 0; }
  // What a copy with its times kept, on another disk, has in common with it.
  bool is_same_content(const FileState& other) const {
    return bytes == other.bytes && modified == other.modified;
  }
};

// Of what a link points to.
FileState state_of(const std::filesystem::path& file);
// Of the name itself, which must not be a link or a folder. Throws BadInput, with the file as
// subject, if it is.
FileState own_state_of(const std::filesystem::path& file);

}  // namespace nicohort
