// The tables of metadata that a recipe names: its key `metadata`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipe/pattern.hpp"
#include "recipe/reader.hpp"

namespace nicohort {

struct MetadataTable {
  enum class Format { workbook, csv, json_text, key_value };
  struct Key {
    std::string column;
    Pattern pattern;  // what the column has in a sample's row
    int line = 0;     // of the recipe
  };
  struct Column {
    std::string name, in_file;
    int line = 0;
  };
  // Lists in a JSON object that are the rows, each under one of the keys, which goes into a column.
  struct Rows {
    std::string column;
    std::vector<std::string> keys;
  };

  Pattern file;  // below the archive
  int line = 0;  // of the recipe
  Format format = Format::csv;
  std::vector<Key> keys{};          // none: a file has one row, for all samples that it is of
  std::string sheet{};              // empty: the first
  bool matches_numbers = false;     // 1 is 0001
  std::vector<Column> columns{};    // none: all but those of `keys`, by their names
  std::optional<Rows> rows{};       // such a table need not name every sample
  std::vector<Column> first_row{};  // whose empty cells the patient's other rows fill
  bool is_for_all() const { return file.parts().empty(); }  // one file

  // What a sample's row has in the columns of `keys`, as they are compared.
  std::vector<std::string> key_of(const PartValues& values) const;
  // The text of a key as it is compared.
  std::string compared(const std::string& text) const;
  // Values with which `file` names every file that there can be, whatever samples there are; the
  // parts that it does not have are empty. None where it has a part without a map of names.
  std::vector<PartValues> known_files(const Parts& parts) const;
};

// From one table, or a list of them.
std::vector<MetadataTable> read_metadata_tables(const YamlValue& value, const Parts& parts,
                                                const RecipeSource& source);

}  // namespace nicohort
