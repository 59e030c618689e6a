#include "archive/recipe_identifiers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "archive/pseudonym.hpp"
#include "table/unicode.hpp"
#include "table/yaml.hpp"

namespace nicohort {
namespace {

constexpr const char* pid_name = "pid";
constexpr const char* use_a_table =
    "put what is said of these patients into a column of a metadata table, whose rows are matched "
    "by the identifiers in the archive, and name this column instead";

// Whose values are identifiers: the part, the sample's ID, and key columns that the manifest gets.
std::set<std::string> columns_of_pid(const Recipe& recipe) {
  std::set<std::string> columns{pid_name, "ID"};
  const std::size_t pid = *recipe.part_index(pid_name);
  for (const MetadataTable& table : recipe.metadata())
    for (const MetadataTable::Key& key : table.keys) {
      const auto& parts = key.pattern.parts();
      if (std::find(parts.begin(), parts.end(), pid) == parts.end()) continue;
      for (const MetadataTable::Column& column : table.columns)
        if (column.in_file == key.column) columns.insert(column.name);
    }
  return columns;
}

int line_of_map(const Recipe& recipe) {
  const YamlValue root = parse_yaml(recipe.text(), "recipe " + recipe.source());
  if (const YamlValue* parts = root.find("parts"))
    for (const YamlEntry& entry : parts->entries)
      if (entry.key == pid_name) return entry.line;
  return 0;
}

// Words that are looked for in texts, in any case.
class SoughtWords {
 public:
  void add(const std::string& word) {
    if (word.size() < least_identifier_length) return;
    const std::string lower = lower_case(word);
    words_.insert(lower);
    longest_ = std::max(longest_, lower.size());
  }

  bool has_one_in(std::string_view written) const {
    const std::string lower = lower_case(written);
    const std::string_view text = lower;
    for (std::size_t begin = 0; begin < text.size(); ++begin) {
      if (begin > 0 && is_word_character(text[begin - 1])) continue;
      const std::size_t most = std::min(longest_, text.size() - begin);
      for (std::size_t size = least_identifier_length; size <= most; ++size) {
        const std::size_t end = begin + size;
        if (end < text.size() && is_word_character(text[end])) continue;
        if (words_.contains(text.substr(begin, size))) return true;
      }
    }
    return false;
  }

 private:
  std::set<std::string, std::less<>> words_;
  std::size_t longest_ = 0;
};

}  // namespace

void require_no_values_of_pid(const Recipe& recipe) {
  const RecipeSource place{recipe.source()};
  if (recipe.parts()[*recipe.part_index(pid_name)].has_values())
    place.fail(line_of_map(recipe),
               "`parts` lists the identifiers of patients in a map of `pid`, and the dataset keeps "
               "a copy of the recipe; for --pseudonymize, give `pid` a regular expression");
  const std::set<std::string> columns = columns_of_pid(recipe);
  for (const GivenValues& given : recipe.given_values())
    if (columns.contains(given.column) &&
        !std::all_of(given.values.begin(), given.values.end(), has_pseudonym))
      place.fail(given.line,
                 fmt::format("`{}` has values for `{}`, which --pseudonymize replaces by "
                             "pseudonyms, and the dataset keeps a copy of the recipe; {}",
                             given.key, given.column, use_a_table));
}

void require_no_identifiers(const Recipe& recipe, const ArchiveNames& names) {
  if (!names.has_pseudonyms()) return;
  SoughtWords identifiers, with_digits;
  for (const std::string& pid : names.original_pids())
    for (const std::string& word : {pid, without_leading_zeros(pid)}) {
      identifiers.add(word);
      if (word.find_first_of("0123456789") != std::string::npos) with_digits.add(word);
    }
  std::set<int> lines;
  for (const GivenValues& given : recipe.given_values())
    if (std::any_of(given.values.begin(), given.values.end(),
                    [&](const std::string& value) { return identifiers.has_one_in(value); }))
      lines.insert(given.line);
  const std::string& text = recipe.text();
  int number = 1;
  for (std::size_t begin = 0; begin < text.size(); ++number) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (with_digits.has_one_in(std::string_view(text).substr(begin, end - begin)))
      lines.insert(number);
    begin = end + 1;
  }
  if (lines.empty()) return;
  throw UsageError(fmt::format(
      "recipe {}, line{} {}: contains the identifier of a patient in the archive, and the dataset "
      "keeps a copy of the recipe; for --pseudonymize, remove it, or {}. If it means something "
      "else there, write that in another way",
      recipe.source(), lines.size() == 1 ? "" : "s", fmt::join(lines, ", "), use_a_table));
}

}  // namespace nicohort
