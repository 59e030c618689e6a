// The archive's metadata tables: what is known of each sample beside its images.
#pragma once

#include <functional>
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

class Metadata {
 public:
  std::vector<std::string> columns;  // of all tables in their order, without the keys

  // The cells of a sample, all empty for one that no table knows.
  std::vector<Cell> of(const PartValues& sample) const;
  // Whether the sample's cell in one of the columns is empty because a row that it should have, or
  // a column that the recipe names, is missing, or a file could not be read.
  bool is_unknown(const PartValues& sample, std::size_t column) const;

 private:
  friend class MetadataReader;
  // A sample has cells for as many columns as were known when its last row was read.
  std::map<PartValues, std::vector<Cell>> cells_;
  std::map<PartValues, std::vector<bool>> unknown_;  // cells, if they are empty
};

// What is known of a sample from an earlier time, as (column, value); none: nothing.
using KeptMetadata =
    std::function<std::vector<std::pair<std::string, Cell>>(const PartValues& sample)>;

// Reads the tables and matches them with the samples that have images, by text. Reports what does
// not match (SPEC 4, routine 01), but not that `others`, which have images, too, have no row.
// Where a file cannot be read or has no column of the key, its samples get what `kept` has of them.
// Throws UsageError, with the recipe's line, where the one file of all samples is not there or has
// not the columns that the recipe names. Samples are presented ones, here and in the result.
Metadata load_metadata(ArchiveNames& names, const Recipe& recipe,
                       const std::set<PartValues>& samples, Report& report,
                       const std::set<PartValues>& others = {}, const KeptMetadata& kept = {});

}  // namespace nicohort
