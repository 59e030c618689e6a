// What nicohort keeps of a dataset in `{dataset}/.nicohort/`.
#pragma once

#include <filesystem>
#include <string_view>

namespace nicohort {

// Throws BadInput where symbolic links lead out of the dataset: it may come from somebody else.
void write_own_file(const std::filesystem::path& dataset, const std::filesystem::path& file,
                    std::string_view text);

}  // namespace nicohort
