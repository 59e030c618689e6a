#include "propose/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "archive/metadata_file.hpp"
#include "base/near_miss.hpp"
#include "propose/file_names.hpp"
#include "propose/json_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_tables = 200;
constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 26;

using Format = MetadataTable::Format;

std::optional<Format> format_of(const std::string& name) {
  const std::string ending = lower_case(fs::path(name).extension().string());
  if (ending == ".csv" || ending == ".tsv") return Format::csv;
  if (ending == ".xlsx") return Format::workbook;
  if (ending == ".json") return Format::json_text;
  return {};
}

void list_tables(const fs::path& root, const std::string& folder, bool goes_on,
                 std::vector<std::string>& tables) {
  std::error_code error;
  for (fs::directory_iterator entry(root / folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    std::error_code failed;
    if (name.starts_with('.') || name.starts_with('~')) continue;
    if (entry->is_directory(failed) && goes_on)
      list_tables(root, folder + name + "/", false, tables);
    else if (format_of(name) && entry->is_regular_file(failed) &&
             entry->file_size(failed) <= most_bytes && !failed && is_utf8(folder + name) &&
             name.find_first_of("{}[]") == std::string::npos &&
             folder.find_first_of("{}[]") == std::string::npos)
      tables.push_back(folder + name);
  }
}

// One file, or one for each value of a part.
struct TableFiles {
  std::string pattern;
  std::string part;                                        // empty: one file for all
  std::vector<std::pair<std::string, std::string>> files;  // the part's short form, path
};

// Whether the text is in the other as a word of its own.
std::size_t find_word(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word);
  if (word.empty() || at == std::string::npos) return std::string::npos;
  const std::size_t end = at + word.size();
  auto is_alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  if ((at > 0 && is_alnum(text[at - 1])) || (end < text.size() && is_alnum(text[end])))
    return std::string::npos;
  return at;
}

std::vector<TableFiles> grouped(const std::vector<std::string>& tables, const Draft& draft) {
  std::map<std::string, TableFiles> groups;
  for (const std::string& path : tables)
    for (const Part& part : draft.parts)
      for (const auto& [short_form, name] : part.values)
        for (const bool is_in_archive : {true, false}) {
          const std::string& word = is_in_archive ? name : short_form;
          const std::size_t at = find_word(path, word);
          if (at == std::string::npos) continue;
          std::string pattern = path;
          pattern.replace(at, word.size(),
                          "{" + part.name + (is_in_archive && name != short_form ? "_dir}" : "}"));
          TableFiles& group = groups[pattern];
          if (std::any_of(group.files.begin(), group.files.end(),
                          [&](const auto& file) { return file.second == path; }))
            continue;
          group.pattern = pattern;
          group.part = part.name;
          group.files.emplace_back(short_form, path);
        }
  std::vector<TableFiles> all;
  std::set<std::string> taken;
  for (auto& [pattern, group] : groups) {
    const bool is_free =
        std::none_of(group.files.begin(), group.files.end(),
                     [&](const auto& file) { return taken.contains(file.second); });
    if (group.files.size() < 2 || !is_free) continue;
    for (const auto& [value, path] : group.files) taken.insert(path);
    all.push_back(std::move(group));
  }
  for (const std::string& path : tables)
    if (!taken.contains(path)) all.push_back({path, "", {{"", path}}});
  return all;
}

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
    how.format = *format_of(files.files.front().second);
    if (how.format == Format::json_text)
      how.rows = rows_of(files_.root / files.files.front().second, draft_);
    if (how.rows) {
      found.table.rows_column = how.rows->column;
      found.table.rows_keys = how.rows->keys;
    }
    for (const auto& [value, path] : files.files) try {
        found.files.push_back({value, read_metadata_file(files_.root / path, how).table});
      } catch (const BadInput&) {
        if (how.format != Format::json_text)
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
  std::vector<std::string> tables;
  list_tables(files.root, "", true, tables);
  std::erase_if(tables, [&](const std::string& path) {
    return std::any_of(draft.tables.begin(), draft.tables.end(),
                       [&](const DraftTable& table) { return table.file == path; });
  });
  std::sort(tables.begin(), tables.end());
  if (tables.size() > most_tables) {
    draft.comments.push_back(
        fmt::format("There are {} tables, of which only the first {} were looked at", tables.size(),
                    most_tables));
    tables.resize(most_tables);
  }
  const TableReader reader(files, samples, draft);
  std::vector<DraftTable> of_cores;
  for (const TableFiles& group : grouped(tables, draft))
    if (auto found = reader.read(group)) {
      add_splits_of(*found, draft);
      (found->is_core ? of_cores : draft.tables).push_back(std::move(found->table));
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
