// The columns that metadata tables give to the manifest, and which column of a file goes where.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/metadata_file.hpp"
#include "archive/metadata_files.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// A column of a file, and where it goes.
struct PlacedColumn {
  std::size_t in_file = 0;
  std::size_t place = 0;           // in MetadataColumns::names()
  std::optional<std::size_t> key;  // it is one of these, too
};

// Where a file has a column of this name.
std::optional<std::size_t> place_of(const std::string& name, const std::vector<std::string>& names);

class MetadataColumns {
 public:
  MetadataColumns(const Recipe& recipe, MetadataProblems& problems);

  // The next table. The columns that the recipe names for it are there from now on, in this order.
  void begin(const MetadataTable& table);
  // The columns of one of its files that go into the manifest. keys: the places of the table's keys
  // in it. Reports names that are taken, and columns that are missing.
  std::vector<PlacedColumn> of(const FileOfSamples& file, const MetadataFile& opened,
                               const std::vector<std::size_t>& keys);
  // Whether a file of this table may have a column of this name in the manifest.
  bool can_have(const std::string& column) const;
  // The places of the columns that the recipe names for the table.
  const std::vector<std::size_t>& named() const { return places_; }
  // The place of a column, which is the last if it is a new one.
  std::size_t place(const std::string& column);

  const std::vector<std::string>& names() const { return names_; }  // of all tables, in order

 private:
  std::vector<PlacedColumn> all_of(const FileOfSamples& file, const MetadataFile& opened,
                                   const std::vector<std::size_t>& keys);

  MetadataProblems& problems_;
  const std::set<std::string> own_;  // that nicohort uses itself
  std::vector<std::string> names_;
  const MetadataTable* table_ = nullptr;
  std::vector<std::size_t> places_;  // of the columns that this table names
  std::set<std::string> renamed_;    // told of a free file of this table
};

}  // namespace nicohort
