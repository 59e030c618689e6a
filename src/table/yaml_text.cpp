#include "table/yaml_text.hpp"

#include <algorithm>

namespace nicohort {
namespace {

constexpr std::size_t most_columns = 110;

// A number as a key reads as the same text.
std::string key_text(const std::string& key) {
  const bool is_number = !key.empty() && key.size() < 10 &&
                         key.find_first_not_of("0123456789") == std::string::npos &&
                         (key == "0" || key.front() != '0');
  return is_number ? key : yaml_scalar(key);
}

std::string in_line(const YamlValue& value) {
  std::string text;
  if (value.is_map()) {
    for (const YamlEntry& entry : value.entries)
      text += (text.empty() ? "" : ", ") + key_text(entry.key) + ": " + in_line(entry.value);
    return "{" + text + "}";
  }
  if (value.is_list()) {
    for (const YamlValue& item : value.items) text += (text.empty() ? "" : ", ") + in_line(item);
    return "[" + text + "]";
  }
  if (value.is_null()) return "null";
  return value.is_quoted ? yaml_scalar(value.text) : value.text;
}

std::string format_entry(const std::string& key, const YamlValue& value,
                         const std::string& margin) {
  const std::string name = margin + key_text(key) + ":";
  std::string line = name + " " + in_line(value) + "\n";
  const bool has_maps = std::any_of(value.items.begin(), value.items.end(),
                                    [](const YamlValue& item) { return item.is_map(); });
  const bool fits = line.size() <= most_columns && !has_maps;
  if (fits || (value.entries.empty() && value.items.empty())) return line;
  std::string text = name + "\n";
  for (const YamlEntry& entry : value.entries)
    text += format_entry(entry.key, entry.value, margin + "  ");
  for (const YamlValue& item : value.items) text += margin + "  - " + in_line(item) + "\n";
  return text;
}

YamlValue value_of(YamlValue::Kind kind) {
  YamlValue value;
  value.kind = kind;
  return value;
}

}  // namespace

YamlValue yaml_text(std::string text) {
  YamlValue value = value_of(YamlValue::Kind::scalar);
  value.text = std::move(text);
  value.is_quoted = true;
  return value;
}

YamlValue yaml_number(int number) {
  YamlValue value = value_of(YamlValue::Kind::scalar);
  value.text = std::to_string(number);
  return value;
}

YamlValue yaml_list(std::vector<YamlValue> items) {
  YamlValue value = value_of(YamlValue::Kind::list);
  value.items = std::move(items);
  return value;
}

YamlValue yaml_texts(const std::vector<std::string>& texts) {
  YamlValue value = value_of(YamlValue::Kind::list);
  for (const std::string& text : texts) value.items.push_back(yaml_text(text));
  return value;
}

YamlValue yaml_map(std::vector<std::pair<std::string, YamlValue>> entries) {
  YamlValue value = value_of(YamlValue::Kind::map);
  for (auto& [key, of_key] : entries) value.entries.push_back({key, 0, std::move(of_key)});
  return value;
}

std::string format_entry(const std::string& key, const YamlValue& value) {
  return format_entry(key, value, "");
}

}  // namespace nicohort
