#include "table/oddities.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

#include "table/folded.hpp"

namespace nicohort {
namespace {

std::optional<double> whole_number(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || rest != end || !std::isfinite(number)) return {};
  return number;
}

// The number of `63,5`.
std::optional<double> number_with_comma(std::string text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string::npos || comma == 0) return {};
  text[comma] = '.';
  return whole_number(text);
}

// What values have in common that probably mean the same.
std::string meaning_of(const Cell& cell) {
  if (const bool* truth = std::get_if<bool>(&cell)) return *truth ? "1" : "0";
  std::string text = folded_value(to_text(cell));
  if (text == "true") return "1";
  if (text == "false") return "0";
  const auto number = whole_number(text);
  const auto any = number ? number : number_with_comma(text);
  return any ? format_number(*any) : text;
}

std::string written(const Cell& cell) {
  const std::string text = to_text(cell);
  const bool is_number_as_text = std::holds_alternative<Text>(cell) && whole_number(text);
  return is_number_as_text ? fmt::format("`{}` as text", text) : fmt::format("`{}`", text);
}

std::string times(std::size_t count) {
  return count == 1 ? "once" : fmt::format("{} times", count);
}

void add_names(const Table& table, const std::string& column, std::vector<std::string>& told) {
  for (const std::string& other : table.columns)
    if (const std::string difference = small_difference(column, other); !difference.empty())
      told.push_back(
          fmt::format("There is a column `{}` beside the column `{}` that is used; the names "
                      "differ only by {}.",
                      other, column, difference));
}

void add_values(const Table& table, std::size_t column, std::vector<std::string>& told) {
  constexpr std::size_t most = 3;
  using Ways = std::map<std::string, std::size_t>;  // of writing a value, and how often
  std::map<std::string, Ways> meanings;
  std::size_t commas = 0;
  std::string example;
  for (const auto& row : table.rows) {
    const Cell& cell = row[column];
    if (is_empty(cell)) continue;
    ++meanings[meaning_of(cell)][written(cell)];
    if (const auto* text = std::get_if<Text>(&cell); text && number_with_comma(to_text(cell)))
      if (commas++ == 0) example = to_text(cell);
  }
  const std::string& name = table.columns[column];
  if (commas > 0)
    told.push_back(fmt::format(
        "The column `{}` has a decimal comma {}, such as `{}`: these cells are text, not "
        "numbers; write a decimal point.",
        name, times(commas), example));
  std::vector<std::string> several;
  for (const auto& [meaning, ways] : meanings) {
    if (ways.size() < 2) continue;
    std::vector<std::string> texts;
    for (const auto& [way, count] : ways)
      texts.push_back(fmt::format("{} ({})", way, times(count)));
    several.push_back(fmt::format("{}", fmt::join(texts, ", ")));
  }
  if (several.empty()) return;
  const std::size_t shown = std::min(several.size(), most);
  told.push_back(fmt::format(
      "The column `{}` has values that may mean the same but are written differently: {}{}.", name,
      fmt::join(several.begin(), several.begin() + std::ptrdiff_t(shown), "; "),
      several.size() > shown ? fmt::format("; and {} more", several.size() - shown) : ""));
}

}  // namespace

std::vector<std::string> oddities(const Table& table, const std::set<std::string>& columns) {
  std::vector<std::string> told;
  for (const std::string& column : columns)
    if (const auto place = table.find(column)) {
      add_names(table, column, told);
      add_values(table, *place, told);
    }
  return told;
}

}  // namespace nicohort
