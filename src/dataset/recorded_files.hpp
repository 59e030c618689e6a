// Whether files of a dataset are as recorded.
#pragma once

#include <filesystem>
#include <string>

#include "dataset/cache.hpp"
#include "dataset/record.hpp"

namespace nicohort {

// Whether the record has the file (its path below the dataset), and it has these bytes: by the
// cache where that knows it, else by reading it.
bool is_as_recorded(const std::filesystem::path& dataset, const SampleRecord& record,
                    const std::filesystem::path& file, Cache& cache);

}  // namespace nicohort
