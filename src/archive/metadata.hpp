// The archive's metadata tables: what is known of each sample beside its images.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "archive/archive_names.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"
#include "table/table.hpp"

namespace nicohort {

// What is left of an identifier by a program that takes it for a number or drops blanks: `12` of
// ` 0012`. Two that are the same so far are one patient, if there is no other.
std::string bare_identifier(const std::string& text);

class Metadata {
 public:
  std::vector<std::string> columns;  // of all tables in their order, without the keys

  // The cells of a sample, all empty for one that no table knows.
  std::vector<Cell> of(const PartValues& sample) const;

 private:
  friend class MetadataReader;
  // The rows of one file, by their keys' text. A row has cells for as many columns as were known
  // when it was read.
  struct File {
    std::map<std::vector<std::string>, std::vector<Cell>> rows;
  };
  std::vector<MetadataTable> tables_;
  std::map<std::pair<std::size_t, std::string>, File> files_;  // by table and path
};

// Reads the tables and matches them with the samples that have images, by text. Reports what does
// not match (SPEC 4, routine 01). Samples are presented ones, here and in the result.
Metadata load_metadata(ArchiveNames& names, const Recipe& recipe,
                       const std::set<PartValues>& samples, Report& report);

}  // namespace nicohort
