// What nicohort keeps of its own in `{folder}/.nicohort/`. The folder may come from somebody else,
// and nothing in it leads elsewhere.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace nicohort {

// Throws BadInput if the file, or a folder on the way to it, is a symbolic link, or the file is
// there and no regular one. folder: a dataset, or the root of a run; the file lies in it.
void require_own(const std::filesystem::path& folder, const std::filesystem::path& file);

// What require_own() refuses throws BadInput here, too.
void write_own_file(const std::filesystem::path& dataset, const std::filesystem::path& file,
                    std::string_view text);
// Nothing if it is not there. Throws MachineError if it cannot be removed.
void remove_own_file(const std::filesystem::path& dataset, const std::filesystem::path& file);

// Whether the path, below a dataset, is that of a file directly in a folder of this sample's.
bool is_in_folder_of(const std::string& id, const std::filesystem::path& file);

}  // namespace nicohort
