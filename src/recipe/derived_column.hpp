// Columns that a recipe derives from others: its key `columns` (SPEC 5).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipe/column_pattern.hpp"
#include "recipe/reader.hpp"

namespace nicohort {

struct DerivedColumn {
  struct Value {
    std::string value;
    std::vector<ColumnPattern> patterns;  // of what it stands for
  };
  std::string name;
  int line = 0;  // of the recipe
  std::string from;
  std::vector<Value> values;  // the first of which a pattern fits counts
  std::string otherwise;      // can be empty

  // The first that a pattern fits; nothing: it is `otherwise`.
  std::optional<std::string> value_for(const ValueOf& value_of) const;
  // The columns that it goes by: `from`, and those of patterns.
  std::vector<std::string> sources() const;
};

// `{phase: {from: frame, values: {ED: "{ED}", ES: ["{ES}", last]}, otherwise: UND}}`
std::vector<DerivedColumn> read_derived_columns(const YamlValue& map, const Parts& parts,
                                                const RecipeSource& source);

}  // namespace nicohort
