// Index manifests of the subsets of a split (SPEC 4, routine 06).
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/listener.hpp"

namespace nicohort {

using Subsets = std::vector<std::string>;
struct IndexOptions {
  std::filesystem::path manifest_file, output_dir;
  std::string split_name;
  std::vector<Subsets> groups;       // a workbook for each
  std::string option = "--subsets";  // what messages call the groups
};

// A subset as names of files have it: `{split}_{A_B}.xlsx`. A folder cannot be in a name.
std::string in_file_name(const std::string& subset);

// Throws UsageError if the split has no row of one of the subsets. present: those that it has.
void require_subsets(const std::vector<Subsets>& groups, const std::set<std::string>& present,
                     const std::string& split, const std::string& option);

// Throws UsageError, before anything is written, if one of the subsets has no row.
void extract_split_index_manifest(const IndexOptions& options, Listener& listener);

}  // namespace nicohort
