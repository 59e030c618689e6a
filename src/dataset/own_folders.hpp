// Folders in a dataset that are made as they are needed, and never through links.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

namespace nicohort {

// Makes a folder, and what is missing above it; the names are
// brought to the disk. Throws MachineError, with errno.
void make_folders(const std::filesystem::path& folder);

// Throws MachineError where a folder in `.nicohort`, or one on the way to it, is a link.
void require_own_folder(const std::filesystem::path& dataset, const std::filesystem::path& folder);

// Makes a folder in `.nicohort`, as make_folders() and require_own_folder() do.
void make_own_folder(const std::filesystem::path& dataset, const std::filesystem::path& folder);

// Throws BadInput if the folder of a sample, below the dataset, goes through a link.
void require_no_links(const std::filesystem::path& dataset, const std::filesystem::path& folder);

// Whether the file is there cannot be known now, as where a network disk says ESTALE.
[[noreturn]] void throw_unknown(const std::filesystem::path& file, const std::error_code& error);

// The text of a file in `.nicohort`; nothing if it is not there. Throws BadInput, with its path
// below the dataset as subject, for a link, one that cannot be read, and more than `limit` bytes;
// MachineError where the disk does not say whether it is there.
std::optional<std::string> read_own_file(const std::filesystem::path& dataset,
                                         const std::filesystem::path& file, std::size_t limit);

// Removes a folder of nicohort's own with all that is in it; follows no links. Throws MachineError.
void remove_tree(const std::filesystem::path& folder);

}  // namespace nicohort
