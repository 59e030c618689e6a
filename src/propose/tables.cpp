#include "propose/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "archive/metadata_file.hpp"
#include "base/near_miss.hpp"
#include "propose/file_names.hpp"
#include "propose/json_file.hpp"
#include "propose/table_files.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::string value_in(const std::vector<std::pair<std::string, std::string>>& values,
                     const std::string& part) {
  for (const auto& [name, value] : values)
    if (name == part) return value;
  return "";
}

// Lists of train, val and test in a JSON file: the column that says which, and their keys.
std::optional<MetadataTable::Rows> rows_of(const fs::path& path, const Draft& draft) {
  std::string fault;
  auto json = read_json_file(path, fault);
  const bool is_folds = json.is_array() && !json.empty() && json.front().is_object();
  if (is_folds) json = nlohmann::ordered_json(json.front());
  if (!json.is_object()) return {};
  MetadataTable::Rows rows{is_folds ? "fold0" : draft.find_part("subset") ? "split" : "subset", {}};
  for (const auto& [key, value] : json.items())
    if (value.is_array() && subset_meant(key)) rows.keys.push_back(key);
  return rows.keys.empty() ? std::nullopt : std::optional(rows);
}

struct LoadedFile {
  std::string value;  // of the part
  Table table;
};

struct Match {
  std::string column;
  bool is_core = false, is_number = false;
  double coverage = 0;
};

// What has been found out about a table that can be used.
struct Found {
  DraftTable table;
  bool is_core = false;
  std::vector<LoadedFile> files;
};

class TableReader {
 public:
  TableReader(const ArchiveFiles& files, const std::vector<DraftSample>& samples, Draft& draft)
      : files_(files), samples_(samples), draft_(draft) {}

  std::optional<Found> read(const TableFiles& files) const {
    Found found;
    found.table.file = files.pattern;
    MetadataTable how{Pattern("table", {})};
    how.format = *table_format(files.files.front().second);
    if (how.format == MetadataTable::Format::json_text)
      how.rows = rows_of(files_.root / files.files.front().second, draft_);
    if (how.rows) {
      found.table.rows_column = how.rows->column;
      found.table.rows_keys = how.rows->keys;
    }
    for (const auto& [value, path] : files.files) try {
        found.files.push_back({value, read_metadata_file(files_.root / path, how).table});
      } catch (const BadInput&) {
        if (how.format != MetadataTable::Format::json_text)
          draft_.comments.push_back(fmt::format("{} cannot be read and was not looked at", path));
        return {};
      } catch (const UsageError&) {
        return {};
      } catch (const MachineError&) {
        return {};
      }
    const auto match = best_match(found.files, files.part);
    if (!match) return {};
    found.is_core = match->is_core;
    found.table.matches_numbers = match->is_number;
    found.table.keys = {{match->column, "{pid}"}};
    if (!is_unique(found) && !add_second_key(found)) {
      draft_.comments.push_back(fmt::format(
          "{} has identifiers in `{}`, but several rows for some; it needs another column in its "
          "key",
          files.pattern, match->column));
      return {};
    }
    return found;
  }

 private:
  std::vector<const DraftSample*> samples_of(const LoadedFile& file,
                                             const std::string& part) const {
    std::vector<const DraftSample*> samples;
    for (const DraftSample& sample : samples_)
      if (part.empty() || value_in(sample.short_forms, part) == file.value)
        samples.push_back(&sample);
    return samples;
  }

  static std::string compared(const std::string& text, bool is_number) {
    MetadataTable how{Pattern("table", {})};
    how.matches_numbers = is_number;
    return how.compared(text);
  }

  std::optional<Match> best_match(const std::vector<LoadedFile>& files,
                                  const std::string& part) const {
    std::optional<Match> best;
    for (const bool is_core : {false, true})
      for (const bool is_number : {false, true}) {
        if (is_core && draft_.pid_prefix.empty()) continue;
        for (const std::string& column : files.front().table.columns) {
          const Match match{column, is_core, is_number,
                            coverage(files, part, column, is_core, is_number)};
          if (match.coverage >= (is_number ? 0.8 : 0.5) &&
              (!best || match.coverage > best->coverage))
            best = match;
        }
      }
    return best;
  }

  // Of how many of the identifiers the column has one.
  double coverage(const std::vector<LoadedFile>& files, const std::string& part,
                  const std::string& column, bool is_core, bool is_number) const {
    std::size_t known = 0, all = 0;
    for (const LoadedFile& file : files) {
      const auto index = file.table.find(column);
      if (!index) return 0;
      std::set<std::string> cells, pids;
      for (const auto& row : file.table.rows)
        cells.insert(compared(to_text(row[*index]), is_number));
      for (const DraftSample* sample : samples_of(file, part))
        pids.insert(is_core ? sample->pid.substr(draft_.pid_prefix.size()) : sample->pid);
      all += pids.size();
      known += std::count_if(pids.begin(), pids.end(), [&](const std::string& pid) {
        return cells.contains(compared(pid, is_number));
      });
    }
    return all == 0 ? 0 : static_cast<double>(known) / static_cast<double>(all);
  }

  static bool is_unique(const Found& found) {
    for (const LoadedFile& file : found.files) {
      std::set<std::string> keys;
      for (const auto& row : file.table.rows) {
        std::string key;
        for (const auto& [column, pattern] : found.table.keys)
          key +=
              compared(to_text(row[*file.table.find(column)]), found.table.matches_numbers) + "\n";
        if (!keys.insert(key).second) return false;
      }
    }
    return true;
  }

  // A column with the names of a part, with which each sample has a row of its own.
  bool add_second_key(Found& found) const {
    for (const bool is_in_archive : {false, true})
      for (const Part& part : draft_.parts) {
        if (!part.has_values()) continue;
        std::set<std::string> names;
        for (const auto& [short_form, name] : part.values)
          names.insert(is_in_archive ? name : short_form);
        for (const std::string& column : found.files.front().table.columns) {
          if (column == found.table.keys.front().first || !has_only(found.files, column, names))
            continue;
          found.table.keys.emplace_back(column, "{" + part.name + (is_in_archive ? "_dir}" : "}"));
          if (is_unique(found)) return true;
          found.table.keys.pop_back();
        }
      }
    return false;
  }

  static bool has_only(const std::vector<LoadedFile>& files, const std::string& column,
                       const std::set<std::string>& names) {
    return std::all_of(files.begin(), files.end(), [&](const LoadedFile& file) {
      const auto index = file.table.find(column);
      return index &&
             std::all_of(file.table.rows.begin(), file.table.rows.end(),
                         [&](const auto& row) { return names.contains(to_text(row[*index])); });
    });
  }

  const ArchiveFiles& files_;
  const std::vector<DraftSample>& samples_;
  Draft& draft_;
};

bool has_split(const Draft& draft, const std::string& name) {
  return std::any_of(draft.splits.begin(), draft.splits.end(),
                     [&](const DraftSplit& split) { return split.name == name; });
}

// A split by a column, if it has nothing but names of subsets.
void add_split(const std::string& name, const std::string& column,
               const std::set<std::string>& values, Draft& draft) {
  if (has_split(draft, name) || values.empty()) return;
  DraftSplit split{name, column, {}, {}};
  std::map<std::string, std::vector<std::string>> sides;
  for (const std::string& value : values) {
    const auto side = subset_meant(value);
    if (!side) return;
    if (*side != value) sides[*side].push_back(value);
  }
  for (const std::string& value : values)  // `train` is `train` anyway, but not if it has a list
    if (sides.contains(value)) sides[value].push_back(value);
  split.values.assign(sides.begin(), sides.end());
  if (const Part* subset = draft.find_part("subset"); subset && subset->has_value("train"))
    split.where = {{"subset", "train"}};
  if (column != "fold0") split.where.clear();
  draft.splits.push_back(std::move(split));
}

void add_splits_of(const Found& found, Draft& draft) {
  if (!found.table.rows_column.empty()) {
    add_split(found.table.rows_column == "fold0" ? "fold_0" : "standard", found.table.rows_column,
              {found.table.rows_keys.begin(), found.table.rows_keys.end()}, draft);
    if (found.table.rows_column == "fold0")
      draft.comments.push_back(
          fmt::format("Of {} only the first fold can be read", found.table.file));
    return;
  }
  const Table& table = found.files.front().table;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (!is_among(lower_case(table.columns[i]), {"split", "subset", "set", "partition"})) continue;
    std::set<std::string> values;
    for (const LoadedFile& file : found.files)
      if (const auto index = file.table.find(table.columns[i]))
        for (const auto& row : file.table.rows) values.insert(to_text(row[*index]));
    values.erase("");
    add_split("standard", table.columns[i], values, draft);
  }
}

}  // namespace

void add_tables(const ArchiveFiles& files, const std::vector<DraftSample>& samples, Draft& draft) {
  const TableReader reader(files, samples, draft);
  std::vector<DraftTable> of_cores;
  for (const TableFiles& group : table_files(files, draft))
    if (auto found = reader.read(group)) {
      add_splits_of(*found, draft);
      if (found->is_core)
        of_cores.push_back(std::move(found->table));
      else
        draft.tables.push_back(std::move(found->table));
    }
  if (of_cores.empty()) return;
  std::vector<std::string> pids;
  for (const DraftSample& sample : samples) pids.push_back(sample.pid);
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  split_prefix(draft, pids);
  draft.tables.insert(draft.tables.end(), of_cores.begin(), of_cores.end());
}

}  // namespace nicohort
