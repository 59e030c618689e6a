#include "archive/metadata.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "archive/pseudonym.hpp"
#include "base/below.hpp"
#include "dataset/column_names.hpp"
#include "dataset/manifest.hpp"
#include "table/grid.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// Where the columns of one workbook go in the columns of all. Those of the keys go nowhere.
std::vector<std::size_t> place_columns(const std::vector<std::string>& headers,
                                       const std::set<std::size_t>& keys, const std::string& file,
                                       std::vector<std::string>& columns,
                                       const std::set<std::string>& own, Report& report) {
  std::vector<std::string> others;
  std::set<std::string> taken = own;
  for (std::size_t i = 0; i < headers.size(); ++i)
    if (keys.contains(i))
      taken.insert(headers[i]);
    else
      others.push_back(headers[i]);
  others = free_names(std::move(others), taken);
  std::vector<std::size_t> places;
  auto next = others.begin();
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (keys.contains(i)) {
      places.push_back(0);  // not used
      continue;
    }
    const std::string& name = *next++;
    if (name != headers[i])
      report.add(file, ProblemKind::metadata,
                 fmt::format("has a column `{}`, {}; it was renamed to `{}`: give it another name",
                             headers[i],
                             own.contains(headers[i]) ? "which is a name that nicohort uses itself"
                                                      : "which is also the name of another column",
                             name));
    auto at = std::find(columns.begin(), columns.end(), name);
    places.push_back(at - columns.begin());
    if (at == columns.end()) columns.push_back(name);
  }
  return places;
}

// A value of the manifest. Text that no worksheet takes is named and left out whole: half of it
// might say something else.
Cell manifest_cell(const Cell& cell, const std::string& file, const std::string& row,
                   const std::string& column, Report& report) {
  const std::string* text = std::get_if<std::string>(&cell);
  const std::size_t units = text ? utf16_length(*text) : 0;
  if (units <= max_cell_units) return cell;
  report.add(file, ProblemKind::metadata,
             fmt::format("{}, `{}`: has {} characters, but a cell in Excel can have only {}; it "
                         "was left empty in the manifest: shorten it",
                         row, column, units, max_cell_units));
  return {};
}

using Key = std::vector<std::string>;

}  // namespace

// Reads the files of one recipe's tables, one after the other.
class MetadataReader {
 public:
  MetadataReader(ArchiveNames& names, const Recipe& recipe, Report& report)
      : names_(names), recipe_(recipe), report_(report) {
    metadata_.tables_ = recipe.metadata();
    own_ = own_names(names_of(recipe.parts()));
  }

  // values: the parts that the file's name has. samples: those whose rows may be in it.
  void read(std::size_t table, const PartValues& values, const std::set<PartValues>& samples);

  Metadata finish() { return std::move(metadata_); }

 private:
  struct Opened {
    Table table;
    std::vector<std::string> headers;  // as they stand in the file
    std::vector<std::size_t> keys;
  };
  std::optional<Opened> open(const std::string& file, const MetadataTable& table);
  // What a column of the key says, with pseudonyms if there are any; and what it is in the file.
  std::string presented(const MetadataTable::Key& key, const PartValues& values,
                        const std::string& text);
  std::string original(const MetadataTable::Key& key, const PartValues& values,
                       const std::string& text) const;
  bool is_pid(const MetadataTable::Key& key) const {
    const auto pid = recipe_.part_index("pid");
    return pid && key.pattern.text() == "{pid}";
  }
  std::string site_of(const PartValues& values) const {
    const auto site = recipe_.part_index("site");
    return site ? values[*site] : "";
  }
  std::string key_name(const MetadataTable& table, const Key& key) const;
  void report_mismatch(const MetadataTable& table, const std::string& file,
                       const PartValues& values, const std::set<Key>& keys,
                       const std::set<PartValues>& samples);

  ArchiveNames& names_;
  const Recipe& recipe_;
  Report& report_;
  Metadata metadata_;
  std::set<std::string> own_;
};

std::optional<MetadataReader::Opened> MetadataReader::open(const std::string& file,
                                                           const MetadataTable& table) {
  Opened opened;
  try {
    require_below(names_.root(), names_.root() / file, "archive");
    Uncalculated uncalculated;
    opened.table = read_table(names_.root() / file, table.sheet, &uncalculated, &opened.headers);
    if (uncalculated.formulas > 0)
      report_.add(file, ProblemKind::metadata,
                  fmt::format("has {} formula{} without a value, the first in {}, which count "
                              "as empty; open the workbook in Excel or LibreOffice and save "
                              "it",
                              uncalculated.formulas, uncalculated.formulas == 1 ? "" : "s",
                              uncalculated.first_cell));
  } catch (const BadInput& bad) {
    report_.add(file, bad.kind(), fmt::format("{}; its images get no metadata", bad.what()));
    return {};
  } catch (const UsageError& error) {
    report_.add(file, ProblemKind::metadata,
                fmt::format("{}; its images get no metadata", error.what()));
    return {};
  }
  for (const auto& key : table.keys) {
    const auto column = opened.table.find(key.column);
    if (!column) {
      report_.add(file, ProblemKind::metadata,
                  fmt::format("has no key column `{}`; its images get no metadata", key.column));
      return {};
    }
    opened.keys.push_back(*column);
  }
  return opened;
}

std::string MetadataReader::presented(const MetadataTable::Key& key, const PartValues& values,
                                      const std::string& text) {
  return is_pid(key) ? names_.present_pid(site_of(values), text) : text;
}

std::string MetadataReader::original(const MetadataTable::Key& key, const PartValues& values,
                                     const std::string& text) const {
  return is_pid(key) ? names_.original_pid(site_of(values), text) : text;
}

std::string MetadataReader::key_name(const MetadataTable& table, const Key& key) const {
  std::vector<std::string> pieces;
  for (std::size_t i = 0; i < key.size(); ++i)
    pieces.push_back(table.keys[i].column + " " + key[i]);
  return fmt::format("{}", fmt::join(pieces, ", "));
}

void MetadataReader::read(std::size_t number, const PartValues& values,
                          const std::set<PartValues>& samples) {
  const MetadataTable& table = metadata_.tables_[number];
  const std::string file = table.file.fill(values);
  std::error_code error;
  if (!std::filesystem::exists(names_.root() / file, error) && samples.empty()) return;
  const auto opened = open(file, table);
  if (!opened) return;
  const std::set<std::size_t> key_columns(opened->keys.begin(), opened->keys.end());
  const auto places =
      place_columns(opened->headers, key_columns, file, metadata_.columns, own_, report_);
  std::set<Key> keys;
  auto& rows = metadata_.files_[{number, file}].rows;
  for (std::size_t r = 0; r < opened->table.rows.size(); ++r) {
    const auto& row = opened->table.rows[r];
    Key key;
    for (std::size_t i = 0; i < opened->keys.size(); ++i) {
      const std::string text = to_text(row[opened->keys[i]]);
      if (text.empty())
        report_.add(file, ProblemKind::metadata,
                    fmt::format("data row {} has no {}; fill it in", r + 1, table.keys[i].column));
      key.push_back(text.empty() ? "" : presented(table.keys[i], values, text));
    }
    if (std::find(key.begin(), key.end(), "") != key.end()) continue;
    if (!keys.insert(key).second) {
      report_.add(file, ProblemKind::metadata,
                  fmt::format("{} occurs more than once; the first row was used: remove the others",
                              key_name(table, key)));
      continue;
    }
    std::vector<Cell>& cells = rows[key];
    cells.resize(metadata_.columns.size());
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (key_columns.contains(i)) continue;
      Cell cell = row[i];
      for (std::size_t k = 0; names_.has_pseudonyms() && k < key.size(); ++k)
        if (is_pid(table.keys[k]))
          cell = without_identifier(cell, to_text(row[opened->keys[k]]), key[k]);
      cells[places[i]] =
          manifest_cell(cell, file, key_name(table, key), opened->headers[i], report_);
    }
  }
  report_mismatch(table, file, values, keys, samples);
}

// Says what does not match between the keys of one file and the samples that have images.
void MetadataReader::report_mismatch(const MetadataTable& table, const std::string& file,
                                     const PartValues& values, const std::set<Key>& keys,
                                     const std::set<PartValues>& samples) {
  auto bare = [&](const Key& key) {
    Key texts;
    for (std::size_t i = 0; i < key.size(); ++i)
      texts.push_back(bare_identifier(original(table.keys[i], values, key[i])));
    return texts;
  };
  std::map<Key, std::string> wanted;  // by key: the patient that it is of
  for (const PartValues& sample : samples)
    wanted.emplace(table.key_of(sample), recipe_.patient(sample));
  std::multimap<Key, Key> unmatched;  // keys by their text without leading zeros
  for (const auto& [key, patient] : wanted)
    if (!keys.contains(key)) unmatched.emplace(bare(key), key);
  for (const Key& key : keys) {
    if (wanted.contains(key)) continue;
    const auto lost = unmatched.find(bare(key));
    if (lost == unmatched.end()) {
      report_.add(
          file, ProblemKind::metadata,
          fmt::format("{} has no images; add them or remove the row", key_name(table, key)));
      continue;
    }
    report_.add(
        file, ProblemKind::metadata,
        fmt::format("{} matches the images of {} only without leading zeros and spaces; no "
                    "metadata were used for {}: store the column as text in the workbook",
                    key_name(table, key), fmt::join(lost->second, ", "), wanted.at(lost->second)));
    unmatched.erase(lost);
  }
  std::set<Key> without;
  for (const auto& [text, key] : unmatched) without.insert(key);
  for (const Key& key : without)
    report_.add(
        wanted.at(key), ProblemKind::metadata,
        fmt::format("has images but no metadata; add {} to {}", key_name(table, key), file));
}

std::string bare_identifier(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r0"),
                    last = text.find_last_not_of(" \t\n\r");
  return first == std::string::npos ? "" : text.substr(first, last + 1 - first);
}

std::vector<Cell> Metadata::of(const PartValues& sample) const {
  std::vector<Cell> cells(columns.size());
  for (std::size_t number = 0; number < tables_.size(); ++number) {
    const auto file = files_.find({number, tables_[number].file.fill(sample)});
    if (file == files_.end()) continue;
    const auto row = file->second.rows.find(tables_[number].key_of(sample));
    if (row == file->second.rows.end()) continue;
    for (std::size_t i = 0; i < row->second.size(); ++i)
      if (!is_empty(row->second[i])) cells[i] = row->second[i];
  }
  return cells;
}

Metadata load_metadata(ArchiveNames& names, const Recipe& recipe,
                       const std::set<PartValues>& samples, Report& report) {
  MetadataReader reader(names, recipe, report);
  for (std::size_t number = 0; number < recipe.metadata().size(); ++number) {
    const MetadataTable& table = recipe.metadata()[number];
    // In the recipe's order, as far as it names the files; others as samples have them.
    std::vector<std::pair<PartValues, std::string>> files;
    auto add_file = [&](const PartValues& values) {
      const std::string file = table.file.fill(values);
      if (std::none_of(files.begin(), files.end(),
                       [&](const auto& known) { return known.second == file; }))
        files.emplace_back(values, file);
    };
    for (const PartValues& values : table.known_files(recipe.parts())) add_file(values);
    for (const PartValues& sample : samples) add_file(sample);
    for (const auto& [values, file] : files) {
      std::set<PartValues> of_file;
      for (const PartValues& sample : samples)
        if (table.file.fill(sample) == file) of_file.insert(sample);
      reader.read(number, values, of_file);
    }
  }
  return reader.finish();
}

}  // namespace nicohort
