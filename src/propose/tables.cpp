#include "propose/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

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
constexpr std::string_view fold_column = "fold0";

// By the ending of a file's name; nothing if it is no table.
std::optional<MetadataTable::Format> table_format(const std::string& name) {
  using Format = MetadataTable::Format;
  const std::string ending = lower_case(fs::path(name).extension().string());
  if (ending == ".csv" || ending == ".tsv") return Format::csv;
  if (ending == ".xlsx") return Format::workbook;
  if (ending == ".json") return Format::json_text;
  return {};
}

void list_tables(const fs::path& root, const std::string& folder, std::vector<std::string>& paths) {
  std::error_code error, failed;
  for (fs::directory_iterator entry(root / folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string(), path = folder + name;
    if (name.starts_with('.') || name.starts_with('~') || !is_utf8(name) ||
        name.find_first_of("{}[]") != std::string::npos)
      continue;
    if (folder.empty() && entry->is_directory(failed))
      list_tables(root, path + "/", paths);
    else if (table_format(name) && entry->is_regular_file(failed) &&
             entry->file_size(failed) <= most_bytes && !failed)
      paths.push_back(path);
  }
}

// One table for all samples, or one for each value of a part.
struct TableFiles {
  DraftTable table;                                        // to be completed
  std::optional<std::size_t> part = {};                    // which
  std::map<std::string, std::string> paths;                // by the part's short form
  std::vector<std::pair<std::string, Table>> tables = {};  // by the same
};

// Where the word is in the text, as a word of its own.
std::size_t find_whole(const std::string& text, const std::string& word) {
  const std::size_t at = text.find(word), end = at + word.size();
  const auto is_alnum = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  const bool is_whole = !word.empty() && at != std::string::npos &&
                        (at == 0 || !is_alnum(text[at - 1])) &&
                        (end == text.size() || !is_alnum(text[end]));
  return is_whole ? at : std::string::npos;
}

// Tables that are called alike but for the values of a part belong together.
std::vector<TableFiles> grouped(const std::vector<std::string>& paths, const Parts& parts) {
  std::map<std::string, TableFiles> groups;  // by the pattern
  for (const std::string& path : paths)
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (const auto& [short_form, name] : parts[i].values)
        for (const std::string& word : {name, short_form}) {
          const std::size_t at = find_whole(path, word);
          if (at == std::string::npos) continue;
          std::string pattern = path;
          pattern.replace(at, word.size(), "{" + parts[i].name + (word == name ? "_dir}" : "}"));
          groups[pattern].table.file = pattern;
          groups[pattern].part = i;
          groups[pattern].paths.emplace(short_form, path);
        }
  std::vector<TableFiles> all;
  std::set<std::string> taken;
  for (auto& [pattern, group] : groups) {
    if (group.paths.size() < 2 ||
        std::any_of(group.paths.begin(), group.paths.end(),
                    [&](const auto& path) { return taken.contains(path.second); }))
      continue;
    for (const auto& [value, path] : group.paths) taken.insert(path);
    all.push_back(std::move(group));
  }
  for (const std::string& path : paths)
    if (!taken.contains(path)) all.push_back({{path, {}, false, "", {}}, {}, {{"", path}}});
  return all;
}

// Lists of train, val and test in a JSON file: the column that says which, and their keys.
std::optional<MetadataTable::Rows> rows_of(const fs::path& path, const Draft& draft) {
  std::string fault;
  auto json = read_json_file(path, fault);
  const bool is_folds = json.is_array() && !json.empty() && json.front().is_object();
  if (is_folds) json = nlohmann::ordered_json(json.front());
  if (!json.is_object()) return {};
  MetadataTable::Rows rows{is_folds                    ? std::string(fold_column)
                           : draft.find_part("subset") ? "split"
                                                       : "subset",
                           {}};
  for (const auto& [key, value] : json.items())
    if (value.is_array() && subset_meant(key)) rows.keys.push_back(key);
  return rows.keys.empty() ? std::nullopt : std::optional(rows);
}

class TableFinder {
 public:
  TableFinder(const ArchiveFiles& files, const Parts& parts, const std::vector<PartValues>& samples,
              Draft& draft)
      : files_(files), parts_(parts), samples_(samples), draft_(draft) {}

  // Whether the table can be used. is_core: its keys are to be those without the prefix.
  bool complete(TableFiles& found, bool& is_core) const {
    return read(found) && find_key(found, is_core) && add_second_key(found);
  }

 private:
  bool read(TableFiles& found) const {
    const std::string& first = found.paths.begin()->second;
    MetadataTable how{Pattern("table", {})};
    how.format = *table_format(first);
    const bool is_json = how.format == MetadataTable::Format::json_text;
    if (is_json) how.rows = rows_of(files_.root / first, draft_);
    if (how.rows) {
      found.table.rows_column = how.rows->column;
      found.table.rows_keys = how.rows->keys;
    }
    for (const auto& [value, path] : found.paths) try {
        found.tables.emplace_back(value, read_metadata_file(files_.root / path, how).table);
      } catch (const std::runtime_error&) {
        if (!is_json)  // which need not be a table
          draft_.comments.push_back(fmt::format("{} cannot be read and was not looked at", path));
        return false;
      }
    return true;
  }

  static std::string compared(const std::string& text, bool is_number) {
    MetadataTable how{Pattern("table", {})};
    how.matches_numbers = is_number;
    return how.compared(text);
  }

  // The column that has most of the identifiers.
  bool find_key(TableFiles& found, bool& is_core) const {
    struct Match {
      double share;
      bool is_text, is_whole, is_unique, is_called_so;
      std::string column;
      auto rank() const { return std::tie(share, is_text, is_whole, is_unique, is_called_so); }
    };
    std::vector<Match> matches;
    for (const std::string& column : found.tables.front().second.columns)
      for (const bool without_prefix : {false, true})
        for (const bool is_number : {false, true}) {
          if (without_prefix && draft_.pid_prefix.empty()) continue;
          const double share = share_of(found, column, without_prefix, is_number);
          if (share < (is_number ? 0.8 : 0.5)) continue;
          found.table.keys = {{column, "{pid}"}};
          found.table.matches_numbers = is_number;
          const auto words = words_of(column);
          matches.push_back({share, !is_number, !without_prefix, is_unique(found),
                             std::any_of(words.begin(), words.end(), is_patient_word), column});
        }
    if (matches.empty()) return false;
    const Match best =
        *std::max_element(matches.begin(), matches.end(),
                          [](const Match& a, const Match& b) { return a.rank() < b.rank(); });
    found.table.keys = {{best.column, "{pid}"}};
    found.table.matches_numbers = !best.is_text;
    is_core = !best.is_whole;
    for (const Match& other : matches)
      if (other.column != best.column && other.share == best.share) {
        draft_.comments.push_back(fmt::format("{}: `{}` has the identifiers, too; `{}` is the key",
                                              found.table.file, other.column, best.column));
        break;
      }
    return true;
  }

  // Of how many of the identifiers the column has one.
  double share_of(const TableFiles& found, const std::string& column, bool without_prefix,
                  bool is_number) const {
    const auto pid = index_of(parts_, "pid");
    std::size_t known = 0, all = 0;
    for (const auto& [value, table] : found.tables) {
      const auto index = table.find(column);
      if (!index || !pid) return 0;
      std::set<std::string> cells, pids;
      for (const auto& row : table.rows) cells.insert(compared(to_text(row[*index]), is_number));
      for (const PartValues& sample : samples_)
        if (!found.part || sample[*found.part] == value)
          pids.insert(sample[*pid].substr(without_prefix ? draft_.pid_prefix.size() : 0));
      all += pids.size();
      known += std::count_if(pids.begin(), pids.end(), [&](const std::string& text) {
        return cells.contains(compared(text, is_number));
      });
    }
    return all == 0 ? 0 : static_cast<double>(known) / static_cast<double>(all);
  }

  static bool is_unique(const TableFiles& found) {
    for (const auto& [value, table] : found.tables) {
      std::set<std::vector<std::string>> keys;
      for (const auto& row : table.rows) {
        std::vector<std::string> key;
        for (const auto& [column, pattern] : found.table.keys) {
          const auto index = table.find(column);
          key.push_back(index ? compared(to_text(row[*index]), found.table.matches_numbers) : "");
        }
        if (!keys.insert(std::move(key)).second) return false;
      }
    }
    return true;
  }

  // Where an identifier has several rows: a column with the names of a part, with which each
  // sample has a row of its own.
  bool add_second_key(TableFiles& found) const {
    if (is_unique(found)) return true;
    for (const Part& part : parts_)
      for (const bool is_in_archive : {true, false})
        for (const std::string& column : found.tables.front().second.columns) {
          if (!part.has_values() || column == found.table.keys.front().first ||
              !has_only(found, column, part, is_in_archive))
            continue;
          found.table.keys.emplace_back(column, "{" + part.name + (is_in_archive ? "_dir}" : "}"));
          if (is_unique(found)) return true;
          found.table.keys.pop_back();
        }
    draft_.comments.push_back(
        fmt::format("{} has identifiers in `{}`, but several rows for some; it needs another "
                    "column in its key",
                    found.table.file, found.table.keys.front().first));
    return false;
  }

  static bool has_only(const TableFiles& found, const std::string& column, const Part& part,
                       bool is_in_archive) {
    std::set<std::string> names;
    for (const auto& [short_form, name] : part.values)
      names.insert(is_in_archive ? name : short_form);
    return std::all_of(found.tables.begin(), found.tables.end(), [&](const auto& of_value) {
      const auto index = of_value.second.find(column);
      return index &&
             std::all_of(of_value.second.rows.begin(), of_value.second.rows.end(),
                         [&](const auto& row) { return names.contains(to_text(row[*index])); });
    });
  }

  const ArchiveFiles& files_;
  const Parts& parts_;
  const std::vector<PartValues>& samples_;
  Draft& draft_;
};

// A split by a column, if it has nothing but names of subsets.
void add_split(const std::string& name, const std::string& column,
               const std::set<std::string>& values, Draft& draft) {
  if (values.empty() || std::any_of(draft.splits.begin(), draft.splits.end(),
                                    [&](const auto& split) { return split.name == name; }))
    return;
  std::map<std::string, std::vector<std::string>> subsets;
  bool are_renamed = false;
  for (const std::string& value : values) {
    const auto subset = subset_meant(value);
    if (!subset) return;
    subsets[*subset].push_back(value);
    are_renamed |= *subset != value;
  }
  DraftSplit split{name, column, {}, {}};
  if (are_renamed) split.values.assign(subsets.begin(), subsets.end());
  const Part* part = draft.find_part("subset");
  if (column == fold_column && part && part->has_value("train"))
    split.where = {{"subset", "train"}};
  draft.splits.push_back(std::move(split));
}

void add_splits_of(const TableFiles& found, Draft& draft) {
  const DraftTable& table = found.table;
  if (!table.rows_column.empty()) {
    const bool is_fold = table.rows_column == fold_column;
    add_split(is_fold ? "fold_0" : "standard", table.rows_column,
              {table.rows_keys.begin(), table.rows_keys.end()}, draft);
    if (is_fold)
      draft.comments.push_back(fmt::format("Of {} only the first fold can be read", table.file));
    return;
  }
  for (const std::string& column : found.tables.front().second.columns) {
    if (!is_among(lower_case(column), {"split", "subset", "set", "partition"})) continue;
    std::set<std::string> values;
    for (const auto& [value, of_value] : found.tables)
      if (const auto index = of_value.find(column))
        for (const auto& row : of_value.rows) values.insert(to_text(row[*index]));
    values.erase("");
    add_split("standard", column, values, draft);
  }
}

}  // namespace

void add_tables(const ArchiveFiles& files, const Parts& parts,
                const std::vector<PartValues>& samples, Draft& draft) {
  std::vector<std::string> paths;
  list_tables(files.root, "", paths);
  std::erase_if(paths, [&](const std::string& path) {
    return std::any_of(draft.tables.begin(), draft.tables.end(),
                       [&](const DraftTable& table) { return table.file == path; });
  });
  std::sort(paths.begin(), paths.end());
  if (paths.size() > most_tables) {
    draft.comments.push_back(
        fmt::format("There are {} tables, of which only the first {} were looked at", paths.size(),
                    most_tables));
    paths.resize(most_tables);
  }
  const TableFinder finder(files, parts, samples, draft);
  std::vector<DraftTable> of_cores;
  for (TableFiles& found : grouped(paths, parts)) {
    bool is_core = false;
    if (!finder.complete(found, is_core)) continue;
    add_splits_of(found, draft);
    (is_core ? of_cores : draft.tables).push_back(std::move(found.table));
  }
  const auto pid = index_of(parts, "pid");
  if (of_cores.empty() || !pid) return;
  draft.comments.push_back(
      fmt::format("`pid` is without `{}`, as in {}", draft.pid_prefix, of_cores.front().file));
  std::set<std::string> pids;
  for (const PartValues& sample : samples) pids.insert(sample[*pid]);
  split_prefix(draft, {pids.begin(), pids.end()});
  draft.tables.insert(draft.tables.end(), of_cores.begin(), of_cores.end());
}

}  // namespace nicohort
