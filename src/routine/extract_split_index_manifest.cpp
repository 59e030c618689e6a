// Routine 06: index manifests of the subsets of a split.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "cohort/manifest.hpp"
#include "record/checksums.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "routine/splits.hpp"
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

void extract_split_index_manifest(const IndexOptions& options) {
  Table split = read_table(options.manifest_file, options.split_name);
  std::size_t column =
      require_columns(split, {options.split_name}, options.manifest_file.string())[0];
  std::set<std::string> present;
  for (const auto& row : split.rows) present.insert(to_text(row[column]));
  for (const Subsets& subsets : options.groups)
    for (const std::string& subset : subsets)
      if (!present.contains(subset))
        throw UsageError(
            fmt::format("--subsets {}: {} has no row of it, only of {}; nothing was written",
                        subset, options.split_name, fmt::join(present, ", ")));
  for (const Subsets& subsets : options.groups) {
    fs::path file =
        options.output_dir / fmt::format("{}_{}.xlsx", options.split_name, fmt::join(subsets, "_"));
    Table table = rows_of(split, column, subsets);
    const std::size_t rows = table.rows.size();
    write_table(file, {{options.split_name, std::move(table)}});
    list_table(file);
    say(fmt::format("{}: {}", file.string(), counted(rows, "row")));
  }
}

void add_extract_split_index_manifest(Program& program) {
  Command command = program.command(
      "extract_split_index_manifest", "06_extract_split_index_manifest",
      "Write index manifests of the subsets of a split, one workbook for each --subsets",
      "nicohort extract_split_index_manifest --manifest_file "
      "root_dir/grouped/dataset_manifest.xlsx "
      "--split_name split01_TJ --output_index_manifest_dir root_dir/grouped/splits/split01_TJ "
      "--subsets train val --subsets test");
  auto options = std::make_shared<IndexOptions>();
  command.option("--manifest_file", options->manifest_file, "The dataset's manifest, .xlsx")
      .required();
  command.option("--split_name", options->split_name, "The split's worksheet").required();
  command.option("--output_index_manifest_dir", options->output_dir, "Where the workbooks go")
      .required();
  command
      .groups("--subsets", options->groups, "Subsets for one workbook; may be given several times")
      .required();
  command.work([=](const Effort&) {
    const ManifestAtWork dataset(options->manifest_file);
    extract_split_index_manifest(*options);
    return finish_in(Report(), options->output_dir, "extract_split_index_manifest");
  });
}

}  // namespace nicohort
