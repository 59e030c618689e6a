// Index manifests of the subsets of a split (SPEC 4, routine 06).
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "recipe/recipe.hpp"
#include "recipe/subset_names.hpp"

namespace nicohort {

struct IndexOptions {
  std::filesystem::path manifest_file, output_dir;
  std::string split_name;
  std::vector<Subsets> groups;       // a file for each
  std::string option = "--subsets";  // what messages call the groups
  // By which the rows are checked, as make_split checks those of a manifest; none: it just has.
  const Recipe* recipe = nullptr;
  std::string ending = ".xlsx";  // or `.csv`, `.jsonl`
  bool absolute_paths = false;   // else relative to the dataset, as in the manifest
};

// The rows of a split that are of these subsets; column: the one that says so.
Table rows_of_subsets(const Table& split, std::size_t column, const std::set<std::string>& subsets);

// Makes the paths of an index manifest absolute; manifest: the file in whose folder the dataset is.
// Throws BadInput where there is no column of paths.
void make_paths_absolute(Table& index, const std::filesystem::path& manifest);

// Throws UsageError if the split has no row of one of the subsets. present: those that it has.
void require_subsets(const std::vector<Subsets>& groups, const std::set<std::string>& present,
                     const std::string& split, const std::string& option);

// Gives the files that it wrote. Reports patients who are in more than one of the subsets. Throws
// UsageError, before anything is written, if one of the subsets has no row, a row cannot be right,
// or a file would replace another one of them or the manifest itself.
std::vector<std::filesystem::path> extract_split_index_manifest(const IndexOptions& options,
                                                                Report& report);

}  // namespace nicohort
