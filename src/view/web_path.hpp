// Paths in web addresses (RFC 3986), and which files they may name.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace nicohort {

// Resolves `%HH`, once. Nothing where a `%` has no two digits behind it.
std::optional<std::string> decode_percent(std::string_view text);

// The reverse: all but letters, digits, `-._~/` as `%HH`.
std::string encode_percent(std::string_view path);

// Whether a file is given out as an image: `.nii.gz` in any case.
bool is_image_name(std::string_view name);

// The regular file of this decoded path below `folder`. Nothing if it is not there; if the path
// has a part that is empty, begins with a dot (`..`, and what is hidden) or holds a backslash or a
// control character; or if symbolic links lead it out of the folder. The folder itself may be a
// link.
std::optional<std::filesystem::path> file_below(const std::filesystem::path& folder,
                                                std::string_view path);

// The archive from which masks as drawn are read.
struct ViewedArchive {
  std::filesystem::path folder;
  bool follows_links = false;  // as `run --archive` does

  // A file that a record names, as file_below() gives it.
  std::optional<std::filesystem::path> find(std::string_view path) const;
};

}  // namespace nicohort
