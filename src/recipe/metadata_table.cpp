#include "recipe/metadata_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "table/table.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

using Format = MetadataTable::Format;

Format read_format(const MapReader& reader, const std::string& path, int line,
                   const RecipeSource& source) {
  if (const YamlValue* format = reader.find("format")) {
    if (source.text(*format, "format") != "key: value")
      source.fail(format->line,
                  "`format` can be \"key: value\"; .xlsx, .csv, .tsv and .json are "
                  "known by their endings");
    return Format::key_value;
  }
  const std::string ending = lower_case(std::filesystem::path(path).extension().generic_string());
  if (ending == ".xlsx") return Format::workbook;
  if (ending == ".csv" || ending == ".tsv") return Format::csv;
  if (ending != ".json")
    source.fail(line,
                "`file` ends in none of .xlsx, .csv, .tsv and .json; give another text file "
                "`format: \"key: value\"`");
  return Format::json_text;
}

std::vector<MetadataTable::Key> read_keys(const YamlValue& map, const Parts& parts,
                                          const RecipeSource& source) {
  if (!map.is_map() || map.entries.empty())
    source.fail(map.line, "`key` is not a map of column: pattern, such as {PID: \"{pid}\"}");
  source.require_distinct_keys(map, "key");
  std::vector<MetadataTable::Key> keys;
  for (const YamlEntry& entry : map.entries) {
    const std::string& pattern = source.text(entry.value, entry.key);
    keys.push_back({entry.key,
                    source.reading(entry.line, entry.key, [&] { return Pattern(pattern, parts); }),
                    entry.line});
  }
  return keys;
}

std::vector<MetadataTable::Column> read_columns(const YamlValue& map, const RecipeSource& source) {
  if (!map.is_map() || map.entries.empty())
    source.fail(map.line, "`columns` is not a map of new name: name in the file");
  source.require_distinct_keys(map, "columns");
  std::vector<MetadataTable::Column> columns;
  for (const YamlEntry& entry : map.entries) {
    if (entry.key.empty()) source.fail(entry.line, "`columns` has a name that is empty");
    columns.push_back({entry.key, source.text(entry.value, entry.key), entry.line});
  }
  return columns;
}

MetadataTable::Rows read_rows(const YamlValue& map, const RecipeSource& source) {
  if (!map.is_map() || map.entries.size() != 1)
    source.fail(map.line,
                "`rows` is not a map of one column: [keys of the lists that are its "
                "rows], such as {subset: [train, test]}");
  const YamlEntry& entry = map.entries.front();
  MetadataTable::Rows rows{entry.key, source.texts(entry.value, entry.key)};
  if (rows.column.empty() || rows.keys.empty())
    source.fail(entry.line, fmt::format("`rows`: `{}` names no list", entry.key));
  for (const std::string& key : rows.keys)
    if (std::count(rows.keys.begin(), rows.keys.end(), key) > 1)
      source.fail(entry.line, fmt::format("`rows` has `{}` twice", key));
  return rows;
}

MetadataTable read_table_entry(const YamlValue& value, const Parts& parts,
                               const RecipeSource& source) {
  const MapReader reader(
      value, source, "metadata",
      {"file", "key", "sheet", "format", "match", "columns", "rows", "from_patients_first_row"});
  const YamlValue& file = reader.need("file", "the table's path below the archive");
  const std::string& path = source.text(file, "file");
  const Format format = read_format(reader, path, file.line, source);
  const std::filesystem::path pieces(path);
  if (pieces.is_absolute() || std::find(pieces.begin(), pieces.end(), "..") != pieces.end())
    source.fail(file.line, "`file` is not a path below the archive");
  MetadataTable table{source.reading(file.line, "file", [&] { return Pattern(path, parts); })};
  table.line = file.line;
  table.format = format;
  table.sheet = reader.text("sheet", "");
  if (reader.find("key") || table.is_for_all())
    table.keys = read_keys(
        reader.need("key",
                    "a map of column: pattern, such as {PID: \"{pid}\"}; only a file that "
                    "is of one sample or patient, by its pattern, goes without"),
        parts, source);
  if (const YamlValue* match = reader.find("match")) {
    if (source.text(*match, "match") != "number")
      source.fail(match->line, "`match` can be `number`, by which 1 is 0001");
    table.matches_numbers = true;
  }
  if (const YamlValue* columns = reader.find("columns"))
    table.columns = read_columns(*columns, source);
  if (const YamlValue* rows = reader.find("rows")) {
    if (format != Format::json_text)
      source.fail(rows->line, "`rows` is for .json: the lists in it that are rows");
    table.rows = read_rows(*rows, source);
    const auto has_it = [&](const auto& column) { return column.in_file == table.rows->column; };
    if (!table.columns.empty() && std::none_of(table.columns.begin(), table.columns.end(), has_it))
      table.columns.insert(table.columns.begin(),
                           {table.rows->column, table.rows->column, rows->line});
  }
  if (const YamlValue* columns = reader.find("from_patients_first_row")) {
    if (table.keys.empty())
      source.fail(columns->line,
                  "`from_patients_first_row` needs a `key`, whose first column "
                  "tells patients apart");
    for (const std::string& name : source.texts(*columns, "from_patients_first_row"))
      table.first_row.push_back({name, name, columns->line});
  }
  return table;
}

}  // namespace

std::string MetadataTable::compared(const std::string& text) const {
  if (!matches_numbers) return text;
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (!text.empty() && digits == std::string::npos)  // also of more digits than a number keeps
    return text.substr(std::min(text.find_first_not_of('0'), text.size() - 1));
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest == end ? format_number(number) : text;
}

std::vector<std::string> MetadataTable::key_of(const PartValues& values) const {
  std::vector<std::string> texts;
  for (const Key& key : keys) texts.push_back(compared(key.pattern.fill(values)));
  return texts;
}

std::vector<PartValues> MetadataTable::known_files(const Parts& parts) const {
  std::vector<PartValues> files{PartValues(parts.size())};
  for (std::size_t part : file.parts()) {
    std::vector<PartValues> longer;
    for (const PartValues& values : files) {
      for (const std::string& value : parts[part].short_forms()) {
        longer.push_back(values);
        longer.back()[part] = value;
      }
    }
    files = std::move(longer);
  }
  return files;
}

std::vector<MetadataTable> read_metadata_tables(const YamlValue& value, const Parts& parts,
                                                const RecipeSource& source) {
  if (!value.is_list()) return {read_table_entry(value, parts, source)};
  std::vector<MetadataTable> tables;
  for (const YamlValue& item : value.items) tables.push_back(read_table_entry(item, parts, source));
  return tables;
}

}  // namespace nicohort
