// The archive's metadata tables: what is known of each sample beside its images.
#pragma once

#include <map>
#include <set>
#include <string>
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

 private:
  friend class MetadataReader;
  // A sample has cells for as many columns as were known when its last row was read.
  std::map<PartValues, std::vector<Cell>> cells_;
};

// Reads the tables and matches them with the samples that have images, by text. Reports what does
// not match (SPEC 4, routine 01), but not that `others`, which have images, too, have no row.
// Throws UsageError, with the recipe's line, where the one file of all samples is not there or has
// not the columns that the recipe names. Samples are presented ones, here and in the result.
Metadata load_metadata(ArchiveNames& names, const Recipe& recipe,
                       const std::set<PartValues>& samples, Report& report,
                       const std::set<PartValues>& others = {});

}  // namespace nicohort
