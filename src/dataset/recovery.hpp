// What a stopped command left in a dataset.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace nicohort {

// Drops what is staged and files under construction, and completes what is decided. The caller is
// alone on the dataset, and has no folders of its own in staging/ and commit/ yet. Gives a sentence
// for each file that was left as it is. Throws MachineError, and has touched nothing, where
// something lies in commit/ that is not nicohort's.
std::vector<std::string> recover_alone(const std::filesystem::path& dataset);

}  // namespace nicohort
