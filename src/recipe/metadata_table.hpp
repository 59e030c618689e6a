// The tables of metadata that a recipe names: its key `metadata`.
#pragma once

#include <string>
#include <vector>

#include "recipe/pattern.hpp"
#include "recipe/reader.hpp"

namespace nicohort {

struct MetadataTable {
  struct Key {
    std::string column;
    Pattern pattern;  // what the column has in a sample's row
  };
  Pattern file;  // below the archive; .xlsx or .csv
  std::vector<Key> keys;
  std::string sheet;  // empty: the first

  // What a sample's row has in the columns of `keys`.
  std::vector<std::string> key_of(const PartValues& values) const;
  // Values with which `file` names every file that there can be, whatever samples there are; the
  // parts that it does not have are empty. None where it has a part without a map of names.
  std::vector<PartValues> known_files(const Parts& parts) const;
};

// From one table, or a list of them.
std::vector<MetadataTable> read_metadata_tables(const YamlValue& value, const Parts& parts,
                                                const RecipeSource& source);

}  // namespace nicohort
