// A recipe on its way: what has been found out about an archive.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "recipe/recipe.hpp"
#include "table/yaml.hpp"

namespace nicohort {

// What a proposal is made from.
struct ArchiveFiles {
  std::filesystem::path root;
  std::vector<std::string> images;  // paths below the root, sorted
};

struct DraftTable {
  std::string file;
  std::vector<std::pair<std::string, std::string>> keys;  // column, pattern
  bool matches_numbers = false;
  std::string rows_column;  // of lists in a JSON file; empty: none
  std::vector<std::string> rows_keys;
};

struct DraftSplit {
  std::string name, by;
  std::vector<std::pair<std::string, std::vector<std::string>>> values;  // side, values of `by`
  std::vector<std::pair<std::string, std::string>> where;
};

struct Draft {
  std::string layout;       // `nnU-Net raw data`, for people
  bool is_certain = false;  // a file of the archive says that it is this one
  std::string name;
  // By channel, where each has a file; else one pattern, of the channel "".
  std::vector<std::pair<std::string, std::string>> volumes;
  std::vector<std::string> channels_in_file;  // of a 4-D file
  std::string mask;                           // empty: none
  bool has_label_files = false;               // the mask is a file for each label
  std::vector<std::string> ignore;
  Parts parts;     // those that have a map or an expression
  std::string id;  // empty: default
  std::vector<std::pair<std::string, std::vector<std::string>>> no_mask;
  std::vector<DraftTable> tables;
  std::string unit;  // of the intensity
  std::vector<std::pair<int, std::string>> labels;
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;
  std::vector<DraftSplit> splits;

  // How all identifiers begin, with which the part `pid` does so far.
  std::string pid_prefix;
  // For people, who should check it: comments in the recipe.
  std::vector<std::string> comments;

  const Part* find_part(const std::string& part) const;
};

// The draft as a recipe in YAML. Keys in `left_out` are named in a comment instead.
std::string recipe_text(const Draft& draft, const std::vector<std::string>& left_out = {});

// Takes `pid_prefix` out of the part `pid` and puts it before it in all patterns. pids: all
// identifiers, which begin with it.
void split_prefix(Draft& draft, const std::vector<std::string>& pids);

}  // namespace nicohort
