// Which files this process has brought into place, for `--json`. It is the process's, because files
// are written in all parts of the program, and only whoever began to list them asks.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nicohort {

// From now on.
void list_written_files();

// The file has its name now. Files that nicohort keeps for itself (`.nicohort…`) are not listed.
// Any thread.
void was_written(const std::filesystem::path& file);

// As they were named, sorted, each once.
std::vector<std::string> written_files();

}  // namespace nicohort
