// What the disk of a folder can do for a dataset in it.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "doctor/check.hpp"

namespace nicohort {

// Tries it out in a temporary folder there, which is removed again. Throws UsageError if there is
// no such folder.
Checks check_folder(const std::filesystem::path& folder);

// The parts that depend on measured values.
Check check_space(std::uint64_t bytes, std::uint64_t files, bool counts_files);
Check check_flush(std::chrono::microseconds each);

}  // namespace nicohort
