#include "archive/metadata.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "archive/metadata_columns.hpp"
#include "archive/metadata_file.hpp"
#include "archive/metadata_files.hpp"
#include "archive/metadata_keys.hpp"
#include "archive/metadata_rows.hpp"
#include "archive/missing_key.hpp"
#include "archive/pseudonym.hpp"
#include "base/below.hpp"
#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "recipe/condition.hpp"
#include "table/folded.hpp"
#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// A value of the manifest. Text that no worksheet takes is named and left out whole: half of it
// might say something else.
Cell manifest_cell(const Cell& cell, const std::string& file, const std::string& row,
                   const std::string& column, Report& report) {
  const Text* text = std::get_if<Text>(&cell);
  const std::size_t units = text ? utf16_length(*text) : 0;
  if (units <= max_cell_units) return cell;
  report.add(file, ProblemKind::metadata,
             fmt::format("{}, `{}`: has {} characters, but a cell in Excel can have only {}; it "
                         "was left empty in the manifest: shorten it",
                         row, column, units, max_cell_units));
  return {};
}

// " (did you mean `x.csv`?)", a file beside one that is not there; empty: none has such a name.
std::string file_meant(const std::filesystem::path& missing) {
  std::error_code error;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator file(missing.parent_path(), error), end;
       !error && file != end; file.increment(error))
    names.push_back(file->path().filename().string());
  std::sort(names.begin(), names.end());
  const std::string meant = near_miss(missing.filename().string(), names);
  return meant.empty() ? "" : fmt::format(" (did you mean `{}`?)", meant);
}

}  // namespace

// Reads the recipe's tables, one after the other.
class MetadataReader {
 public:
  MetadataReader(ArchiveNames& names, const Recipe& recipe, Report& report,
                 const KeptMetadata& kept)
      : names_(names),
        recipe_(recipe),
        kept_(kept),
        problems_(recipe, report),
        columns_(recipe, problems_) {}

  void read(const MetadataTable& table, const std::set<PartValues>& samples,
            const std::set<PartValues>& others);
  Metadata finish();

 private:
  // A cell of a file that is of no use. Its place is taken at once, so that columns keep their
  // order; it is used where no other table has the column of this sample in the end.
  struct KeptCell {
    const PartValues* sample;
    std::size_t place;
    Cell value;
  };
  // The columns that a file has, which alone says what its samples have there.
  struct ReadColumns {
    std::vector<const PartValues*> samples;
    std::vector<std::size_t> places;
  };
  // Samples of a file for which an earlier table has another value in one column.
  struct Contradiction {
    std::string example;
    std::size_t samples = 0;
  };

  void read_file(const MetadataTable& table, const FileOfSamples& file);
  void put_rows(const MetadataTable& table, const FileOfSamples& file, const MetadataFile& opened,
                const std::vector<std::size_t>& keys, const std::vector<PlacedColumn>& columns);
  void put_only_row(const FileOfSamples& file, const MetadataFile& opened,
                    const std::vector<PlacedColumn>& columns);
  std::optional<MetadataFile> open(const MetadataTable& table, const FileOfSamples& file);
  // Nothing where one is missing, which is told.
  std::optional<std::vector<std::size_t>> find_keys(const MetadataTable& table,
                                                    const FileOfSamples& file,
                                                    const MetadataFile& opened);
  void fill_from_first_rows(const MetadataTable& table, const FileOfSamples& file,
                            MetadataFile& opened, const std::vector<std::size_t>& keys);
  void add_unknown(const PartValues& sample, std::size_t place);
  // What the samples of a file that is of no use get instead, in words.
  std::string keep(const FileOfSamples& file);
  void put_row(const FileOfSamples& file, const std::vector<Cell>& cells,
               const std::vector<PlacedColumn>& columns, const MetadataKey& key,
               const std::vector<const PartValues*>& samples);
  void tell_contradictions(const MetadataTable& table);
  Cell presented(const Cell& cell, const PartValues& sample) const;
  void tell_headers(const MetadataTable& table, const FileOfSamples& file,
                    const MetadataFile& opened);

  ArchiveNames& names_;
  const Recipe& recipe_;
  const KeptMetadata& kept_;
  MetadataProblems problems_;
  MetadataColumns columns_;
  std::map<PartValues, std::vector<Cell>> cells_;
  std::vector<const PartValues*> unread_;  // samples of files that are of no use
  std::vector<KeptCell> kept_cells_;
  std::vector<ReadColumns> read_;
  std::map<PartValues, std::vector<bool>> unknown_;         // as in Metadata
  std::map<std::size_t, std::vector<std::string>> tables_;  // earlier ones that have this column
  std::set<std::size_t> places_;                            // of the columns of this table
  // In this table, by the file and the column's place; free files are one.
  std::map<std::pair<std::string, std::size_t>, Contradiction> contradictions_;
  std::set<std::string> nested_;   // in this table
  bool has_told_headers_ = false;  // of a free file of this table
};

void MetadataReader::add_unknown(const PartValues& sample, std::size_t place) {
  std::vector<bool>& places = unknown_[sample];
  places.resize(std::max(places.size(), place + 1));
  places[place] = true;
}

std::string MetadataReader::keep(const FileOfSamples& file) {
  unread_.insert(unread_.end(), file.samples.begin(), file.samples.end());
  bool has_any = false;
  for (const PartValues* sample : file.samples) {
    if (!kept_) break;
    for (auto& [column, value] : kept_(*sample)) {
      const bool is_derived = std::any_of(
          recipe_.columns().begin(), recipe_.columns().end(),
          [&name = column](const DerivedColumn& derived) { return derived.name == name; });
      if (is_derived || !columns_.can_have(column)) continue;
      has_any = true;
      kept_cells_.push_back({sample, columns_.place(column), std::move(value)});
    }
  }
  return has_any ? "its images keep the metadata that the dataset has of them"
                 : "its images get no metadata";
}

Metadata MetadataReader::finish() {
  const std::size_t count = columns_.names().size();
  std::map<const PartValues*, std::vector<bool>> unread;  // the columns that no other file has
  for (const PartValues* sample : unread_) unread.try_emplace(sample, count, true);
  for (const auto& [samples, places] : read_)
    for (const PartValues* sample : samples)
      if (const auto of_sample = unread.find(sample); of_sample != unread.end())
        for (const std::size_t place : places) of_sample->second[place] = false;
  for (KeptCell& kept : kept_cells_) {
    std::vector<bool>& is_unread = unread.at(kept.sample);
    if (!is_unread[kept.place]) continue;
    is_unread[kept.place] = false;
    std::vector<Cell>& cells = cells_[*kept.sample];
    cells.resize(count);
    cells[kept.place] = std::move(kept.value);
  }
  for (const auto& [sample, is_unread] : unread)
    for (std::size_t place = 0; place < count; ++place)
      if (is_unread[place]) add_unknown(*sample, place);
  Metadata metadata;
  metadata.columns = columns_.names();
  metadata.cells_ = std::move(cells_);
  metadata.unknown_ = std::move(unknown_);
  return metadata;
}

std::optional<MetadataFile> MetadataReader::open(const MetadataTable& table,
                                                 const FileOfSamples& file) {
  const std::filesystem::path path = names_.root() / file.path;
  // The file's own name may be a patient's.
  auto presented_text = [&](std::string text) {
    const std::size_t at = file.path == file.shown ? std::string::npos : text.find(path.string());
    return at == std::string::npos
               ? text
               : text.replace(at, path.string().size(), (names_.root() / file.shown).string());
  };
  std::error_code error;
  const bool is_there = std::filesystem::exists(path, error);
  const std::string meant = is_there || names_.has_pseudonyms() ? "" : file_meant(path);
  if (table.is_for_all() && !is_there)
    problems_.add_missing(table, file, table.line, "is not in the archive" + meant, "");
  try {
    if (!is_below(file.path))
      throw BadInput(ProblemKind::layout, "is outside of the archive; correct the recipe");
    if (!names_.follows_links()) require_below(names_.root(), path, "archive");
    MetadataFile opened = read_metadata_file(path, table);
    if (const std::string what = text_of(opened.without_value); !what.empty())
      problems_.add(file, ProblemKind::metadata, what);
    nested_.insert(opened.nested.begin(), opened.nested.end());
    return opened;
  } catch (const BadInput& bad) {
    problems_.add(file, bad.kind(), fmt::format("{}; {}", presented_text(bad.what()), keep(file)));
  } catch (const UsageError& missing) {
    std::string what = presented_text(missing.what());
    if (table.is_for_all() && what.starts_with(path.string() + ": "))
      what.erase(0, path.string().size() + 2);
    problems_.add_missing(table, file, table.line, what + meant, keep(file));
  }
  return {};
}

std::optional<std::vector<std::size_t>> MetadataReader::find_keys(const MetadataTable& table,
                                                                  const FileOfSamples& file,
                                                                  const MetadataFile& opened) {
  std::vector<std::size_t> keys;
  for (const MetadataTable::Key& key : table.keys) {
    const auto column = opened.table.find(key.column);
    if (!column) {
      problems_.add_missing(
          table, file, key.line,
          missing_key(key.column, opened, names_.root() / file.path, !names_.has_pseudonyms()),
          keep(file));
      return {};
    }
    keys.push_back(*column);
  }
  return keys;
}

void MetadataReader::fill_from_first_rows(const MetadataTable& table, const FileOfSamples& file,
                                          MetadataFile& opened,
                                          const std::vector<std::size_t>& keys) {
  for (const MetadataTable::Column& column : table.first_row) {
    const auto place = place_of(column.in_file, opened.headers);
    if (!place) {
      problems_.add_missing(table, file, column.line,
                            fmt::format("has no column `{}`; {}", column.in_file,
                                        did_you_mean(column.in_file, opened.headers)),
                            "it stays empty");
      continue;
    }
    std::map<std::string, Cell> first;  // by patient
    auto patient = [&](const auto& row) { return table.compared(to_text(row[keys.front()])); };
    for (const auto& row : opened.table.rows)
      if (!is_empty(row[*place])) first.emplace(patient(row), row[*place]);
    for (auto& row : opened.table.rows)
      if (const auto known = first.find(patient(row));
          is_empty(row[*place]) && known != first.end() && !known->first.empty())
        row[*place] = known->second;
  }
}

Cell MetadataReader::presented(const Cell& cell, const PartValues& sample) const {
  if (!names_.has_pseudonyms()) return cell;
  if (const auto name = names_.name_of(to_text(cell))) return *name;
  const std::size_t pid = *recipe_.part_index("pid");
  return without_identifier(cell, names_.original(sample)[pid], sample[pid]);
}

// The first table that has a value counts.
void MetadataReader::put_row(const FileOfSamples& file, const std::vector<Cell>& cells,
                             const std::vector<PlacedColumn>& columns, const MetadataKey& key,
                             const std::vector<const PartValues*>& samples) {
  for (const PartValues* sample : samples) {
    std::vector<Cell>& of_sample = cells_[*sample];
    of_sample.resize(columns_.names().size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (is_empty(cells[i])) continue;
      const auto [in_file, place, of_key] = columns[i];
      Cell value =
          of_key && names_.has_pseudonyms() ? Cell(key[*of_key]) : presented(cells[i], *sample);
      if (is_empty(of_sample[place])) {
        of_sample[place] = std::move(value);
      } else if (!is_same_value(to_text(of_sample[place]), to_text(value))) {
        Contradiction& told = contradictions_[{file.is_free ? "" : file.shown, place}];
        if (++told.samples == 1) told.example = recipe_.sample_id(*sample);
      }
    }
  }
}

void MetadataReader::tell_contradictions(const MetadataTable& table) {
  for (const auto& [where, told] : contradictions_) {
    const auto& [file, place] = where;
    problems_.report().add(
        file.empty() ? table.file.text() : file, ProblemKind::metadata,
        fmt::format(
            "its column `{}` is also in {}, with {} for {}; the value of the first table in the "
            "recipe was used: correct the tables, or rename one of the columns with `columns` in "
            "the recipe",
            columns_.names()[place], fmt::join(tables_.at(place), " and "),
            told.samples == 1 ? "another value" : "other values",
            told.samples == 1
                ? told.example
                : fmt::format("{}, such as {}", counted(told.samples, "sample"), told.example)));
  }
}

void MetadataReader::put_only_row(const FileOfSamples& file, const MetadataFile& opened,
                                  const std::vector<PlacedColumn>& columns) {
  std::vector<Cell> cells;
  for (const PlacedColumn& column : columns)
    cells.push_back(manifest_cell(opened.table.rows[0][column.in_file], file.shown, "its row",
                                  opened.headers[column.in_file], problems_.report()));
  put_row(file, cells, columns, {}, file.samples);
}

void MetadataReader::tell_headers(const MetadataTable& table, const FileOfSamples& file,
                                  const MetadataFile& opened) {
  if (file.is_free && has_told_headers_) return;
  has_told_headers_ = true;
  for (const MetadataTable::Key& key : table.keys)
    for (const std::string& header : opened.headers)
      if (const std::string difference = small_difference(key.column, header); !difference.empty())
        problems_.report().listener().warning(
            fmt::format("{}: there is a column `{}` beside the key column `{}`; the names differ "
                        "only by {}.",
                        file.shown, header, key.column, difference));
  if (opened.unheaded.empty() || !table.columns.empty()) return;
  std::vector<std::string> names;
  for (const std::string& header : opened.headers)
    if (header.starts_with(unheaded_name)) names.push_back(header);
  problems_.report().listener().warning(fmt::format(
      "{}: {} has no header for the column{} {}, which {} not empty; in the manifest: `{}`.",
      file.shown, opened.place_of({opened.header_row}), opened.unheaded.size() == 1 ? "" : "s",
      fmt::join(opened.unheaded, ", "), opened.unheaded.size() == 1 ? "is" : "are",
      fmt::join(names, "`, `")));
}

void MetadataReader::put_rows(const MetadataTable& table, const FileOfSamples& file,
                              const MetadataFile& opened, const std::vector<std::size_t>& keys,
                              const std::vector<PlacedColumn>& columns) {
  MetadataKeys known(names_, recipe_, table);
  for (const PartValues* sample : file.samples) known.add(*sample, true);
  for (const PartValues* sample : file.others) known.add(*sample, false);
  MetadataRows rows(table, opened, keys);
  std::vector<KeyOfRow> there;
  std::map<MetadataKey, std::size_t> seen;  // and the first row that has it
  for (std::size_t r = 0; r < opened.table.rows.size(); ++r) {
    const auto& row = opened.table.rows[r];
    const auto key = rows.key_of(r, known);
    if (!key) continue;
    const MetadataKey shown = known.shown(*key, file.values);
    const auto [first, is_new] = seen.emplace(*key, r);
    if (!is_new) {
      rows.add_repeated(known.name(shown), first->second, r);
      continue;
    }
    there.push_back({*key, rows.place_of(r)});
    std::vector<Cell> cells;
    for (const PlacedColumn& column : columns)
      cells.push_back(manifest_cell(row[column.in_file], file.shown, known.name(shown),
                                    opened.headers[column.in_file], problems_.report()));
    if (const auto of = known.of_samples().find(*key); of != known.of_samples().end())
      put_row(file, cells, columns, shown, of->second.samples);
  }
  if (!table.rows)  // else it need not name every sample
    for (const auto& [key, of] : known.of_samples())
      if (!seen.contains(key))
        for (const PartValues* sample : of.samples)
          for (const PlacedColumn& column : columns) add_unknown(*sample, column.place);
  for (const std::string& what : rows.faults(names_.has_pseudonyms(), known.longer_key()))
    problems_.add(file, ProblemKind::metadata, what);
  known.report_mismatch(there, file.values, file.shown, problems_.report());
}

void MetadataReader::read_file(const MetadataTable& table, const FileOfSamples& file) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(names_.root() / file.path, error);
  if (file.samples.empty() && (!is_there || !file.others.empty())) return;
  auto opened = open(table, file);
  if (!opened) return;
  const auto keys = find_keys(table, file, *opened);
  if (!keys) return;
  if (const std::size_t rows = opened->table.rows.size(); keys->empty() && rows != 1) {
    problems_.add(
        file, ProblemKind::metadata,
        fmt::format("has {} rows, not one; correct it, or give the recipe's table a `key` that "
                    "tells them apart: {}",
                    rows, keep(file)));
    return;
  }
  tell_headers(table, file, *opened);
  fill_from_first_rows(table, file, *opened, *keys);
  const auto columns = columns_.of(file, *opened, *keys);
  std::vector<std::size_t> places;
  for (const PlacedColumn& column : columns) places.push_back(column.place);
  places_.insert(places.begin(), places.end());
  for (const std::size_t place : columns_.named())
    // Files of one row may leave out what is empty.
    if (!keys->empty() && std::find(places.begin(), places.end(), place) == places.end())
      for (const PartValues* sample : file.samples) add_unknown(*sample, place);
  read_.push_back({file.samples, std::move(places)});
  if (keys->empty())
    put_only_row(file, *opened, columns);
  else
    put_rows(table, file, *opened, *keys, columns);
}

void MetadataReader::read(const MetadataTable& table, const std::set<PartValues>& samples,
                          const std::set<PartValues>& others) {
  columns_.begin(table);
  places_.clear();
  contradictions_.clear();
  nested_.clear();
  has_told_headers_ = false;
  for (const FileOfSamples& file : files_of(table, names_, recipe_, samples, others))
    read_file(table, file);
  tell_contradictions(table);
  for (const std::size_t place : places_) tables_[place].push_back(table.file.text());
  if (!nested_.empty())
    problems_.report().listener().summary(fmt::format(
        "{}: lists and maps were left out: `{}`.", table.file.text(), fmt::join(nested_, "`, `")));
}

std::vector<Cell> Metadata::of(const PartValues& sample) const {
  const auto known = cells_.find(sample);
  std::vector<Cell> cells = known == cells_.end() ? std::vector<Cell>() : known->second;
  cells.resize(columns.size());
  return cells;
}

bool Metadata::is_unknown(const PartValues& sample, std::size_t column) const {
  const auto unknown = unknown_.find(sample);
  if (unknown == unknown_.end() || column >= unknown->second.size() || !unknown->second[column])
    return false;
  const auto known = cells_.find(sample);
  return known == cells_.end() || column >= known->second.size() || is_empty(known->second[column]);
}

Metadata load_metadata(ArchiveNames& names, const Recipe& recipe,
                       const std::set<PartValues>& samples, Report& report,
                       const std::set<PartValues>& others, const KeptMetadata& kept) {
  MetadataReader reader(names, recipe, report, kept);
  for (const MetadataTable& table : recipe.metadata()) reader.read(table, samples, others);
  return reader.finish();
}

}  // namespace nicohort
