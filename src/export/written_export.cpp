#include "export/written_export.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/problem.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* own_file = ".nicohort_export.json";
constexpr std::size_t largest = std::size_t{1} << 30;

[[noreturn]] void refuse(const fs::path& folder, const std::string& why) {
  throw UsageError(
      fmt::format("{}: {}; give an empty folder, or remove this one", folder.string(), why));
}

}  // namespace

WrittenExport read_written_export(const ExportPlan& plan) {
  const fs::path& folder = plan.folder;
  WrittenExport written;
  std::error_code error;
  const fs::path file = folder / own_file;
  if (!fs::exists(fs::symlink_status(file, error))) {
    if (fs::exists(folder, error) && !fs::is_directory(folder, error))
      refuse(folder, "is no folder");
    for (const auto& entry : fs::directory_iterator(folder, error))
      if (!is_temporary(entry.path()))
        refuse(folder, "has files that nicohort did not export, such as " +
                           entry.path().filename().string());
    return written;
  }
  if (!fs::is_regular_file(fs::symlink_status(file, error))) refuse(file, "is no file");
  try {
    const auto json = nlohmann::json::parse(read_file(file, largest));
    written.format = json.at("format").get<std::string>();
    written.made = json.at("made").get<std::string>();
    written.files = json.at("files").get<std::map<std::string, std::string>>();
  } catch (const nlohmann::json::exception&) {
    refuse(file, "is damaged");
  }
  if (written.format != plan.format)
    refuse(folder, fmt::format("is another export ({})", written.format));
  const auto is_own = [&](const std::string& name) {
    return is_below(name) ||
           std::find(plan.beside.begin(), plan.beside.end(), fs::path(name)) != plan.beside.end();
  };
  if (!std::all_of(written.files.begin(), written.files.end(),
                   [&](const auto& entry) { return is_own(entry.first); }))
    refuse(file, "names files outside of its folder");
  return written;
}

void put_written_export(const fs::path& folder, const WrittenExport& written) {
  nlohmann::ordered_json json;
  json["format"] = written.format;
  json["made"] = written.made;
  json["files"] = written.files;
  write_file(folder / own_file, json.dump(1) + "\n");
}

}  // namespace nicohort
