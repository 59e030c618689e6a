#include "split/found_index_manifests.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "split/index_manifests.hpp"
#include "table/json_lines.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Whether `A_B` names these subsets, each of which may have `_` in its own name.
bool names_subsets(const std::string& text, const std::set<std::string>& subsets) {
  std::size_t length = 0;
  for (const std::string& subset : subsets) {
    const std::string name = in_file_name(subset);
    length += name.size() + 1;
    if (("_" + text + "_").find("_" + name + "_") == std::string::npos) return false;
  }
  return length == text.size() + 1;
}

// Whether the index manifest has exactly the split's rows of these subsets, with the dataset's
// paths as they are or absolute. Row by row: a copy of all of them would be large.
bool has_rows_of(const Table& split, const std::set<std::string>& subsets, const Table& index,
                 const fs::path& file, const fs::path& manifest) {
  const bool is_json = file.extension() == ".jsonl";  // where dates are texts
  if (!is_json && index.columns != split.columns) return false;
  const auto has_all = [&](bool absolute) {
    Table of_split{split.columns, {{}}}, of_index{index.columns, {{}}};
    std::size_t next = 0;
    for (const auto& row : split.rows) {
      if (!subsets.contains(to_text(row.front()))) continue;
      if (next == index.rows.size()) return false;
      of_split.rows[0] = row;
      of_index.rows[0] = index.rows[next++];
      if (absolute) make_paths_absolute(of_split, manifest);
      if (is_json ? format_json_lines(of_index) != format_json_lines(of_split)
                  : of_index.rows != of_split.rows)
        return false;
    }
    return next == index.rows.size();
  };
  return has_all(false) || has_all(true);
}

bool is_index_manifest(const std::string& file) {
  if (file.starts_with("~$") || file.starts_with('.') || file.ends_with(".problems.csv"))
    return false;
  return file.ends_with(".xlsx") || file.ends_with(".csv") || file.ends_with(".jsonl");
}

std::vector<fs::path> index_manifests_below(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (std::error_code unknown;
        is_index_manifest(entry->path().filename().string()) && !entry->is_directory(unknown))
      files.push_back(entry->path());
  std::sort(files.begin(), files.end());
  return files;
}

// What is wrong with a file, at which `look` looks and says so; empty if nothing is.
template <class Look>
std::optional<Problem> problem_found(const fs::path& file, Look&& look) {
  try {
    const std::string what = look();
    if (what.empty()) return {};
    return Problem{file.string(), ProblemKind::split, what};
  } catch (const BadInput& bad) {
    return problem_of(bad, file.string());
  } catch (const UsageError& wrong) {
    return problem_of(wrong, file, file.string());
  }
}

}  // namespace

FoundIndexManifests::FoundIndexManifests(const fs::path& folder, fs::path manifest,
                                         const std::vector<fs::path>& without)
    : manifest_(std::move(manifest)) {
  for (fs::path& file : index_manifests_below(folder))
    if (std::find(without.begin(), without.end(), file) == without.end())
      files_.push_back({std::move(file)});
}

void FoundIndexManifests::compare_with(const std::string& split, const Table& rows) {
  for (File& file : files_)
    if (!file.is_of_split && file.path.stem().string().starts_with(split + "_"))
      compare(file, split, rows);
}

void FoundIndexManifests::compare(File& file, const std::string& split, const Table& rows) const {
  const auto problem = problem_found(file.path, [&]() -> std::string {
    const Table found = read_table(file.path);
    file.is_of_split = !found.columns.empty() && found.columns.front() == split;
    if (!file.is_of_split) return "";
    const std::string subsets = file.path.stem().string().substr(split.size() + 1);
    std::set<std::string> present;
    for (const auto& row : found.rows) present.insert(to_text(row.front()));
    if (names_subsets(subsets, present) && has_rows_of(rows, present, found, file.path, manifest_))
      return "";
    return fmt::format(
        "does not have the rows of {} in {}; make it again with extract_split_index_manifest, or "
        "remove it",
        subsets, split);
  });
  if (file.is_of_split) file.problem = problem;
}

std::vector<WrongIndexManifest> FoundIndexManifests::differing() const {
  std::vector<WrongIndexManifest> differing;
  for (const File& file : files_)
    if (file.problem) differing.push_back({file.path, *file.problem});
  return differing;
}

std::vector<WrongIndexManifest> FoundIndexManifests::unknown() const {
  std::vector<WrongIndexManifest> unknown;
  for (const File& file : files_) {
    if (file.is_of_split) continue;
    const auto problem = problem_found(file.path, [&] {
      read_table(file.path);  // that it cannot be read goes before
      return "does not belong to any split of the manifest; make it again with "
             "extract_split_index_manifest, or remove it";
    });
    if (problem) unknown.push_back({file.path, *problem});
  }
  return unknown;
}

}  // namespace nicohort
