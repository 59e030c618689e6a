#include "propose/table_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_tables = 200;
constexpr std::uintmax_t most_bytes = std::uintmax_t{1} << 26;

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
    else if (table_format(name) && entry->is_regular_file(failed) &&
             entry->file_size(failed) <= most_bytes && !failed && is_utf8(folder + name) &&
             name.find_first_of("{}[]") == std::string::npos &&
             folder.find_first_of("{}[]") == std::string::npos)
      tables.push_back(folder + name);
  }
}

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

}  // namespace

std::optional<MetadataTable::Format> table_format(const std::string& name) {
  using Format = MetadataTable::Format;
  const std::string ending = lower_case(fs::path(name).extension().string());
  if (ending == ".csv" || ending == ".tsv") return Format::csv;
  if (ending == ".xlsx") return Format::workbook;
  if (ending == ".json") return Format::json_text;
  return {};
}

std::vector<TableFiles> table_files(const ArchiveFiles& files, Draft& draft) {
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
  return grouped(tables, draft);
}

}  // namespace nicohort
