#include "export/export_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/below.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "base/wording.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool is_of_framework(const ExportPlan& plan, const fs::path& path) {
  return std::find(plan.of_framework.begin(), plan.of_framework.end(), path) !=
         plan.of_framework.end();
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

// What there is in a folder that need not be small.
std::vector<std::string> names_in(const fs::path& folder, std::error_code& error) {
  std::vector<std::string> names;
  fs::directory_iterator entries(folder, error);
  for (; !error && entries != fs::directory_iterator(); entries.increment(error))
    if (!is_hidden(entries->path())) names.push_back(entries->path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> others_in_export(const ExportPlan& plan, const WrittenExport& written,
                                          std::error_code& error) {
  std::vector<std::string> others;
  fs::recursive_directory_iterator entries(plan.folder, error);
  for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    const fs::path path = entries->path().lexically_relative(plan.folder);
    std::error_code unknown;
    const bool is_folder = entries->is_directory(unknown) && !entries->is_symlink(unknown);
    const bool is_passed_over = is_hidden(path) || is_of_framework(plan, path);
    if (is_folder && is_passed_over) entries.disable_recursion_pending();
    if (!is_folder && !is_passed_over && !written.files.contains(path.generic_string()))
      others.push_back(path.generic_string());
  }
  std::sort(others.begin(), others.end());
  return others;
}

}  // namespace

void require_outside(const fs::path& output, const fs::path& dataset) {
  std::error_code error;
  const fs::path folder = fs::weakly_canonical(fs::absolute(output), error);
  const fs::path root = fs::canonical(dataset, error);
  if (error) return;  // opening it says what is wrong
  if (fs::exists(folder, error) && !fs::is_directory(folder, error))
    throw UsageError(
        fmt::format("--output {}: is not a folder; choose another one", output.string()));
  for (fs::path place = folder;; place = place.parent_path()) {
    if (place == root || fs::is_directory(OwnFolder(place).path(), error))
      throw UsageError(
          fmt::format("--output {}: is in the dataset {}, and an export cannot be inside a "
                      "dataset; choose another folder",
                      output.string(), place.string()));
    if (place == place.parent_path()) break;
  }
  const fs::path archive = root.parent_path() / archive_folder;
  if (is_within(folder, archive))
    throw UsageError(
        fmt::format("--output {}: is in the archive {}, which nicohort only reads; choose another "
                    "folder",
                    output.string(), archive.string()));
}

void require_no_others(const ExportPlan& plan, const WrittenExport& written) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(plan.folder, error))) return;
  const bool is_export = !written.format.empty();
  const auto others =
      is_export ? others_in_export(plan, written, error) : names_in(plan.folder, error);
  if (error) {
    errno = error.value();
    throw_machine_error("list", plan.folder);
  }
  if (others.empty()) return;
  if (!is_export)
    throw UsageError(
        fmt::format("--output: {} is not empty, and no export of nicohort: it has {}; "
                    "choose another folder",
                    plan.folder.string(), some_of(others)));
  throw UsageError(fmt::format(
      "{}: has {} that nicohort did not export: {}; move {} away, or choose another folder",
      plan.folder.string(), others.size() == 1 ? "a file" : "files", some_of(others),
      others.size() == 1 ? "it" : "them"));
}

void remove_files(const fs::path& folder, const std::vector<std::string>& files) {
  for (const std::string& file : files) {
    if (disk().unlink(folder / file) != 0 && errno != ENOENT)
      throw_machine_error("remove", folder / file);
    if (!is_below(file)) continue;
    for (fs::path path = fs::path(file).parent_path(); !path.empty(); path = path.parent_path())
      if (disk().rmdir(folder / path) != 0) break;
  }
}

}  // namespace nicohort
