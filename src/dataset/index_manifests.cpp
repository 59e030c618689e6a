#include "dataset/index_manifests.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "base/listener.hpp"
#include "base/problem.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

Table rows_of(const Table& split, std::size_t column, const Subsets& subsets) {
  Table table{split.columns, {}};
  for (const auto& row : split.rows)
    if (std::find(subsets.begin(), subsets.end(), to_text(row[column])) != subsets.end())
      table.rows.push_back(row);
  return table;
}

}  // namespace

std::string in_file_name(const std::string& subset) {
  std::string name = subset;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
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

void extract_split_index_manifest(const IndexOptions& options, Listener& listener) {
  Table split = read_table(options.manifest_file, options.split_name);
  std::size_t column =
      require_columns(split, {options.split_name}, options.manifest_file.string())[0];
  std::set<std::string> present;
  for (const auto& row : split.rows) present.insert(to_text(row[column]));
  require_subsets(options.groups, present, options.split_name, options.option);
  for (const Subsets& subsets : options.groups) {
    std::vector<std::string> names;
    for (const std::string& subset : subsets) names.push_back(in_file_name(subset));
    fs::path file =
        options.output_dir / fmt::format("{}_{}.xlsx", options.split_name, fmt::join(names, "_"));
    Table table = rows_of(split, column, subsets);
    const std::size_t rows = table.rows.size();
    write_table(file, {{options.split_name, std::move(table)}});
    list_table(file);
    listener.summary(fmt::format("{}: {}", file.string(), counted(rows, "row")));
  }
}

}  // namespace nicohort
