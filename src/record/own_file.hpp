// What nicohort keeps of a dataset in `{dataset}/.nicohort/`.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace nicohort {

// Calls `flushed` when the text is on the disk and has yet to get its name. Throws BadInput where
// symbolic links lead out of the dataset: it may come from somebody else.
void write_own_file(const std::filesystem::path& dataset, const std::filesystem::path& file,
                    std::string_view text, const std::function<void()>& flushed = {});

}  // namespace nicohort
