// JSON that describes an archive, such as dataset.json.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace nicohort {

// A file of at most 64 MiB. Null if there is none; if it cannot be read or is no JSON, then
// `fault` says so.
nlohmann::ordered_json read_json_file(const std::filesystem::path& path, std::string& fault);

}  // namespace nicohort
