// What to say of a table that does not have the column of its key.
#pragma once

#include <filesystem>
#include <string>

#include "archive/metadata_file.hpp"

namespace nicohort {

// `has no key column …`: where it was looked for, and what there is instead: a header that is
// nearly the same, a later row that has it, other worksheets. path: of the file. shows_cells: what
// stands there may be said; it can be an identifier.
std::string missing_key(const std::string& column, const MetadataFile& opened,
                        const std::filesystem::path& path, bool shows_cells);

}  // namespace nicohort
