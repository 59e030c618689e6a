#include "recipe/derived_column.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace nicohort {
namespace {

DerivedColumn read_derived_column(const YamlEntry& entry, const Parts& parts,
                                  const RecipeSource& source) {
  if (index_of(parts, entry.key))
    source.fail(entry.line,
                fmt::format("`columns`: `{}` is a part; give the column another name", entry.key));
  if (is_taken_name(entry.key))
    source.fail(entry.line,
                fmt::format("`columns`: `{}` is a name that nicohort uses for something "
                            "else; give the column another",
                            entry.key));
  const MapReader reader(entry.value, source, entry.key, {"from", "values", "otherwise"});
  DerivedColumn column{entry.key, entry.line, {}, {}, reader.text("otherwise", "")};
  column.from = source.text(
      reader.need("from", "the column that it is derived from, such as `from: frame`"), "from");
  const YamlValue& values = reader.need(
      "values", "a map of value: what stands for it in the other column, or a list of that");
  if (!values.is_map() || values.entries.empty())
    source.fail(values.line,
                "`values` is not a map of value: what stands for it in the other "
                "column, or a list of that");
  source.require_distinct_keys(values, "values");
  for (const YamlEntry& value : values.entries) {
    DerivedColumn::Value& made = column.values.emplace_back();
    made.value = value.key;
    for (const std::string& text : source.texts(value.value, value.key))
      made.patterns.push_back(
          source.reading(value.line, value.key, [&] { return ColumnPattern(text, parts); }));
  }
  return column;
}

}  // namespace

std::optional<std::string> DerivedColumn::value_for(const ValueOf& value_of) const {
  const std::string original = value_of(from);
  for (const Value& value : values)
    for (const ColumnPattern& pattern : value.patterns)
      if (const auto filled = pattern.fill(value_of); filled && is_same_value(original, *filled))
        return value.value;
  return {};
}

std::vector<std::string> DerivedColumn::sources() const {
  std::vector<std::string> columns{from};
  for (const Value& value : values)
    for (const ColumnPattern& pattern : value.patterns)
      columns.insert(columns.end(), pattern.columns().begin(), pattern.columns().end());
  return columns;
}

std::vector<DerivedColumn> read_derived_columns(const YamlValue& map, const Parts& parts,
                                                const RecipeSource& source) {
  if (!map.is_map())
    source.fail(map.line,
                "`columns` is not a map of columns, such as {sex: {from: sex_code, "
                "values: {F: 0, M: 1}}}");
  source.require_distinct_keys(map, "columns");
  std::vector<DerivedColumn> columns;
  for (const YamlEntry& entry : map.entries)
    columns.push_back(read_derived_column(entry, parts, source));
  return columns;
}

}  // namespace nicohort
