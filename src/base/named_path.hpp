// Files and folders that the user named.
#pragma once

#include <filesystem>
#include <string>

namespace nicohort {

// False also where it cannot be known.
bool is_folder(const std::filesystem::path& path);

// Throws UsageError that says which option named it, unless the folder is there.
void require_folder(const std::filesystem::path& path, const std::string& option);

// The same for a file. what: "the manifest that gen_dataset_manifest writes".
void require_file(const std::filesystem::path& path, const std::string& option,
                  const std::string& what);

}  // namespace nicohort
