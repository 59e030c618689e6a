// Files of an archive, which comes from others: what its links point to need not be part of it.
#pragma once

#include <filesystem>

namespace nicohort {

// Throws BadInput when symbolic links lead the file, which lies in the archive by its path, out of
// it. A file that is not there passes: opening it says what is wrong.
void require_in_archive(const std::filesystem::path& archive, const std::filesystem::path& file);

}  // namespace nicohort
