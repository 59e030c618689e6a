#include "recipe/metadata_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "table/unicode.hpp"

namespace nicohort {
namespace {

MetadataTable read_table_entry(const YamlValue& value, const Parts& parts,
                               const RecipeSource& source) {
  const MapReader reader(value, source, "metadata",
                         {{"file", "key", "sheet"},
                          {"format", "match", "columns", "rows", "from_patients_first_row"}});
  const YamlValue& file = reader.need("file", "the table's path below the archive");
  const std::string& path = source.text(file, "file");
  const std::string ending = lower_case(std::filesystem::path(path).extension().generic_string());
  if (ending == ".tsv" || ending == ".json")
    source.fail(file.line, fmt::format("`file`: tables in {} are not supported yet", ending));
  if (ending != ".xlsx" && ending != ".csv")
    source.fail(file.line, "`file` ends neither in .xlsx nor in .csv");
  const std::filesystem::path pieces(path);
  if (pieces.is_absolute() || std::find(pieces.begin(), pieces.end(), "..") != pieces.end())
    source.fail(file.line, "`file` is not a path below the archive");
  MetadataTable table{source.reading(file.line, "file", [&] { return Pattern(path, parts); }),
                      {},
                      reader.text("sheet", "")};
  const YamlValue& keys = reader.need("key", "a map of column: pattern, such as {PID: \"{pid}\"}");
  if (!keys.is_map() || keys.entries.empty())
    source.fail(keys.line, "`key` is not a map of column: pattern, such as {PID: \"{pid}\"}");
  source.require_distinct_keys(keys, "key");
  for (const YamlEntry& entry : keys.entries) {
    const std::string& pattern = source.text(entry.value, entry.key);
    table.keys.push_back({entry.key, source.reading(entry.line, entry.key,
                                                    [&] { return Pattern(pattern, parts); })});
  }
  return table;
}

}  // namespace

std::vector<std::string> MetadataTable::key_of(const PartValues& values) const {
  std::vector<std::string> texts;
  for (const Key& key : keys) texts.push_back(key.pattern.fill(values));
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
