// Conditions of a recipe (SPEC 5): `{site: TJ, in_verse19: 1}`, all fulfilled.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/parts.hpp"
#include "recipe/reader.hpp"

namespace nicohort {

// The value of a column of one sample as text.
using ValueOf = std::function<std::string(const std::string& column)>;

// Equal as text, or as the same number (`1`, `01`, `1.0`) or truth (`true`, `TRUE`).
bool is_same_value(const std::string& one, const std::string& other);

struct Condition {
  struct Wish {
    std::string column;
    std::vector<std::string> values;  // one of them
    bool is_of_part = false;          // compared as text; others by is_same_value()
    int line = 0;                     // of the recipe
    bool is_fulfilled(const std::string& value) const;
    bool operator==(const Wish& other) const {  // wherever they stand
      return column == other.column && values == other.values;
    }
  };
  std::vector<Wish> wishes;

  bool is_fulfilled(const ValueOf& value_of) const;
  // Whether it is not fulfilled for a value that is there; an empty cell may only be unknown.
  bool is_ruled_out(const ValueOf& value_of) const;
  // Of the wishes, only those of parts.
  Condition of_parts() const;

  bool operator==(const Condition&) const = default;
};

// Any column can be named, and `""` is its empty cell; which columns there are is known when the
// archive is.
Condition read_condition(const YamlValue& map, const std::string& key, const Parts& parts,
                         const RecipeSource& source);

}  // namespace nicohort
