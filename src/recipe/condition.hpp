// Conditions of a recipe (SPEC 5): `{site: TJ, phase: [pre, post]}`, all fulfilled.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "recipe/parts.hpp"
#include "recipe/reader.hpp"

namespace nicohort {

struct Condition {
  struct Wish {
    std::string column;               // a part
    std::vector<std::string> values;  // one of them
    bool operator==(const Wish&) const = default;
  };
  std::vector<Wish> wishes;

  // The value of a column as text.
  using ValueOf = std::function<std::string(const std::string& column)>;
  bool is_fulfilled(const ValueOf& value_of) const;
  bool is_fulfilled(const Parts& parts, const PartValues& values) const;

  bool operator==(const Condition&) const = default;
};

Condition read_condition(const YamlValue& map, const std::string& key, const Parts& parts,
                         const RecipeSource& source);

}  // namespace nicohort
