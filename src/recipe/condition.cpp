#include "recipe/condition.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/near_miss.hpp"

namespace nicohort {

bool Condition::is_fulfilled(const ValueOf& value_of) const {
  return std::all_of(wishes.begin(), wishes.end(), [&](const Wish& wish) {
    return std::find(wish.values.begin(), wish.values.end(), value_of(wish.column)) !=
           wish.values.end();
  });
}

bool Condition::is_fulfilled(const Parts& parts, const PartValues& values) const {
  return is_fulfilled([&](const std::string& column) {
    const auto index = index_of(parts, column);
    return index && *index < values.size() ? values[*index] : "";
  });
}

Condition read_condition(const YamlValue& map, const std::string& key, const Parts& parts,
                         const RecipeSource& source) {
  if (!map.is_map() || map.entries.empty())
    source.fail(map.line,
                fmt::format("`{}` is not a map of column: value, or list of values", key));
  source.require_distinct_keys(map, key);
  Condition condition;
  for (const YamlEntry& entry : map.entries) {
    const auto index = index_of(parts, entry.key);
    if (!index) {
      const std::string near = near_miss(entry.key, names_of(parts));
      source.fail(
          entry.line,
          near.empty()
              ? fmt::format("`{}`: `{}` is not a part; conditions on other columns are not "
                            "supported yet",
                            key, entry.key)
              : fmt::format("`{}`: `{}` is not a part; did you mean `{}`?", key, entry.key, near));
    }
    Condition::Wish wish{entry.key, source.texts(entry.value, entry.key)};
    if (wish.values.empty())
      source.fail(entry.line, fmt::format("`{}`: `{}` has no value", key, entry.key));
    const Part& part = parts[*index];
    for (const std::string& value : wish.values)
      if (part.has_values() && !part.has_value(value))
        source.fail(entry.line,
                    fmt::format("`{}`: `{}` is not a short form of `{}`; {}", key, value, entry.key,
                                did_you_mean(value, part.short_forms())));
    condition.wishes.push_back(std::move(wish));
  }
  return condition;
}

}  // namespace nicohort
