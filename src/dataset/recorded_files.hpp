// Whether files of a dataset are as recorded.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "dataset/cache.hpp"
#include "dataset/record.hpp"

namespace nicohort {

// The key under which the cache knows a file, by its path below the dataset.
std::string key_of(const std::filesystem::path& file);

// Whether the record has the file (its path below the dataset), and it has these bytes: by the
// cache, if there is one and it knows the file, else by reading it.
bool is_as_recorded(const std::filesystem::path& dataset, const SampleRecord& record,
                    const std::filesystem::path& file, Cache* cache);

// A file on record that is not there is a problem that blames it.
BadInput missing(const std::filesystem::path& file);

// The masks on record, below the dataset, that are not in the sample's folder.
std::vector<std::filesystem::path> missing_masks(const std::filesystem::path& dataset,
                                                 const SampleRecord& record,
                                                 const SampleFiles& files);

}  // namespace nicohort
