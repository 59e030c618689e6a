#include "recipe/reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <set>

#include "base/near_miss.hpp"

namespace nicohort {

void RecipeSource::fail(int line, const std::string& what) const {
  throw UsageError(fmt::format("recipe {}, line {}: {}", name, line, what));
}

const std::string& RecipeSource::text(const YamlValue& value, const std::string& key) const {
  if (!value.is_scalar() || value.text.empty())
    fail(value.line, fmt::format("`{}` is not a text", key));
  return value.text;
}

std::vector<std::string> RecipeSource::texts(const YamlValue& value, const std::string& key,
                                             bool can_be_empty) const {
  const auto is_text = [&](const YamlValue& one) {
    return one.is_scalar() && (can_be_empty || !one.text.empty());
  };
  if (!value.is_list()) {
    if (!is_text(value))
      fail(value.line, fmt::format("`{}` is not a text or a list of texts", key));
    return {value.text};
  }
  std::vector<std::string> texts;
  for (const YamlValue& item : value.items) {
    if (!is_text(item)) fail(item.line, fmt::format("`{}` has an item that is not a text", key));
    texts.push_back(item.text);
  }
  return texts;
}

void RecipeSource::require_distinct_keys(const YamlValue& map, const std::string& key) const {
  std::set<std::string> seen;
  for (const YamlEntry& entry : map.entries)
    if (!seen.insert(entry.key).second)
      fail(entry.line, fmt::format("{}`{}` occurs twice; keep one of them",
                                   key.empty() ? "" : "`" + key + "`: ", entry.key));
}

MapReader::MapReader(const YamlValue& map, const RecipeSource& source, const std::string& name,
                     const std::vector<std::string>& keys)
    : map_(map), source_(source), name_(name) {
  if (!map.is_map())
    source.fail(std::max(map.line, 1), name.empty() ? "is not a map of keys, such as `volume: …`"
                                                    : fmt::format("`{}` is not a map", name));
  const std::string of = name.empty() ? "" : fmt::format(" of `{}`", name);
  for (const YamlEntry& entry : map.entries) {
    if (!is_among(entry.key, keys))
      source.fail(entry.line,
                  fmt::format("`{}` is not a key{}; {}", entry.key,
                              name.empty() ? " of recipes" : of, did_you_mean(entry.key, keys)));
    if (entry.value.is_null())
      source.fail(entry.line,
                  fmt::format("`{}` has no value; give it one or remove it", entry.key));
  }
  source.require_distinct_keys(map, name);
}

const YamlValue& MapReader::need(const std::string& key, const std::string& what) const {
  const YamlValue* value = find(key);
  if (!value)
    source_.fail(map_.line, fmt::format("{}`{}` is missing: {}",
                                        name_.empty() ? "" : "`" + name_ + "`: ", key, what));
  return *value;
}

std::string MapReader::text(const std::string& key, const std::string& otherwise) const {
  const YamlValue* value = find(key);
  return value ? source_.text(*value, key) : otherwise;
}

std::vector<std::string> MapReader::texts(const std::string& key) const {
  const YamlValue* value = find(key);
  return value ? source_.texts(*value, key) : std::vector<std::string>();
}

double MapReader::number(const std::string& key, double otherwise, double lowest,
                         double highest) const {
  const YamlValue* value = find(key);
  if (!value) return otherwise;
  double number = 0;
  if (!read_number(*value, number) || number < lowest || number > highest)
    source_.fail(value->line,
                 fmt::format("`{}` is not a number from {} to {}", key, lowest, highest));
  return number;
}

std::uint32_t MapReader::whole_number(const std::string& key, std::uint32_t otherwise) const {
  const double highest = std::numeric_limits<std::uint32_t>::max();
  const YamlValue* value = find(key);
  if (!value) return otherwise;
  double number = 0;
  if (!read_number(*value, number) || number != std::floor(number) || number < 0 ||
      number > highest)
    source_.fail(value->line,
                 fmt::format("`{}` is not a whole number from 0 to {:.0f}", key, highest));
  return static_cast<std::uint32_t>(number);
}

bool MapReader::flag(const std::string& key, bool otherwise) const {
  const YamlValue* value = find(key);
  if (!value) return otherwise;
  const std::string& text = value->text;
  if (!value->is_scalar() || value->is_quoted || (text != "true" && text != "false"))
    source_.fail(value->line, fmt::format("`{}` is neither true nor false", key));
  return text == "true";
}

bool read_number(const YamlValue& value, double& number) {
  if (!value.is_scalar() || value.is_quoted) return false;
  const char *begin = value.text.data(), *const end = begin + value.text.size();
  // Not what YAML 1.1 takes for octal.
  const std::size_t digits = value.text.starts_with('-') ? 1 : 0;
  if (value.text.size() > digits + 1 && value.text[digits] == '0' &&
      value.text[digits + 1] >= '0' && value.text[digits + 1] <= '9')
    return false;
  const auto [rest, error] = std::from_chars(begin, end, number);
  return error == std::errc() && rest == end && std::isfinite(number);
}

}  // namespace nicohort
