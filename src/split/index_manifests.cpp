#include "split/index_manifests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "base/below.hpp"
#include "base/listener.hpp"
#include "base/problem.hpp"
#include "base/wording.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/layout.hpp"
#include "dataset/manifest.hpp"
#include "split/sides.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Throws UsageError for rows that cannot be right. Those of a table that is not of the recipe's
// samples cannot be checked, which is told.
void require_rows(const Table& split, std::size_t column, const IndexOptions& options,
                  Report& report) {
  std::vector<std::string> needed = names_of(options.recipe->parts()), missing;
  needed.insert(needed.begin(), "ID");
  std::copy_if(needed.begin(), needed.end(), std::back_inserter(missing),
               [&](const std::string& name) { return !split.find(name); });
  if (!missing.empty())
    return report.listener().warning(fmt::format(
        "The rows of {} were not checked: they have no {}, by which the recipe {} knows samples; "
        "--recipe names another one.",
        options.split_name, fmt::join(missing, ", "), options.recipe->source()));
  const SplitManifest rows(
      fmt::format("{}, worksheet {}", options.manifest_file.string(), options.split_name), split,
      *options.recipe, "--");
  RowFaults faults(split);
  std::set<std::string> wanted;
  for (const Subsets& subsets : options.groups) wanted.insert(subsets.begin(), subsets.end());
  std::map<std::size_t, Cell> sides;
  for (std::size_t r = 0; r < split.rows.size(); ++r) {
    const Cell& side = split.rows[r][column];
    if (is_empty(side)) faults.add(r, "no subset");
    if (wanted.contains(to_text(side))) sides.emplace(r, side);
  }
  rows.require(faults);
  for (const std::string& divided : divided_patients(sides_of(rows, sides)))
    report.add(options.split_name, ProblemKind::split,
               fmt::format("{}; their rows were extracted all the same: make the split again, or "
                           "correct the column that says the subsets",
                           divided));
}

// Of the groups.
std::vector<fs::path> files_of(const IndexOptions& options) {
  if (const std::string fault = same_file_fault(options.split_name, options.groups, options.ending);
      !fault.empty())
    throw UsageError(
        fmt::format("{}: {}; write one of them to another folder", options.option, fault));
  std::vector<fs::path> files;
  for (const Subsets& subsets : options.groups) {
    files.push_back(options.output_dir /
                    file_of_subsets(options.split_name, subsets, options.ending));
    std::error_code error;
    if (fs::equivalent(files.back(), options.manifest_file, error))
      throw UsageError(
          fmt::format("{} {}: {} is the manifest itself; give another --output_index_manifest_dir",
                      options.option, fmt::join(subsets, " "), files.back().string()));
  }
  return files;
}

// A folder of the manifest's dataset, by its path, must be in it.
void require_in_dataset(const IndexOptions& options) {
  const fs::path dataset = fs::absolute(options.manifest_file).lexically_normal().parent_path(),
                 folder = fs::absolute(options.output_dir).lexically_normal();
  std::error_code error;
  if (!fs::exists(OwnFolder(dataset).dataset_file(), error) ||
      !is_below(folder.lexically_relative(dataset).string()))
    return;
  try {
    require_below(dataset, folder, "dataset");
  } catch (const BadInput& bad) {
    throw BadInput(options.output_dir.string(), bad.kind(), bad.what());
  }
}

}  // namespace

Table rows_of_subsets(const Table& split, std::size_t column,
                      const std::set<std::string>& subsets) {
  Table table{split.columns, {}};
  for (const auto& row : split.rows)
    if (subsets.contains(to_text(row[column]))) table.rows.push_back(row);
  return table;
}

void make_paths_absolute(Table& index, const fs::path& manifest) {
  const fs::path folder = fs::absolute(manifest).lexically_normal().parent_path();
  try {
    change_paths(index,
                 [&](const fs::path& path) { return (folder / path).lexically_normal().string(); });
  } catch (const BadInput& bad) {
    throw BadInput(manifest.string(), bad.kind(), bad.what());
  }
}

void require_subsets(const std::vector<Subsets>& groups, const std::set<std::string>& present,
                     const std::string& split, const std::string& option) {
  for (const Subsets& subsets : groups)
    for (const std::string& subset : subsets)
      if (!present.contains(subset))
        throw UsageError(fmt::format(
            "{} {}: {} has no rows of this subset, only of {}; no index manifest was written",
            option, subset, split, fmt::join(present, ", ")));
}

std::vector<fs::path> extract_split_index_manifest(const IndexOptions& options, Report& report) {
  if (const auto sheets = sheet_names(options.manifest_file);
      std::none_of(sheets.begin(), sheets.end(), [&](const std::string& sheet) {
        return lower_case(sheet) == lower_case(options.split_name);
      }))
    throw UsageError(
        fmt::format("--split_name {}: {} has no such worksheet, only {}; make the "
                    "split with make_split, or correct its name",
                    options.split_name, options.manifest_file.string(), fmt::join(sheets, ", ")));
  const ReadTable read = read_table_file(options.manifest_file, options.split_name);
  const Table& split = read.table;
  std::size_t column =
      require_columns(split, {options.split_name}, options.manifest_file.string())[0];
  std::set<std::string> present;
  for (const auto& row : split.rows) present.insert(to_text(row[column]));
  require_subsets(options.groups, present, options.split_name, options.option);
  if (options.recipe) require_rows(split, column, options, report);
  require_in_dataset(options);
  std::vector<fs::path> files = files_of(options);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const fs::path& file = files[i];
    const Subsets& subsets = options.groups[i];
    Table table = rows_of_subsets(split, column, {subsets.begin(), subsets.end()});
    if (options.absolute_paths) make_paths_absolute(table, options.manifest_file);
    const std::size_t rows = table.rows.size();
    write_table(file, Sheet{options.split_name, std::move(table)});
    list_table(file);
    report.listener().summary(fmt::format("{}: {}", file.string(), counted(rows, "row")));
  }
  if (const std::string what = text_of(read.without_value); !what.empty())
    report.add(options.manifest_file.string(), ProblemKind::table,
               fmt::format("the worksheet {} {}", options.split_name, what));
  return files;
}

}  // namespace nicohort
