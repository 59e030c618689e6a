#include "propose/draft.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/near_miss.hpp"
#include "propose/file_names.hpp"
#include "table/unicode.hpp"
#include "table/yaml_text.hpp"

namespace nicohort {
namespace {

using Entries = std::vector<std::pair<std::string, YamlValue>>;

// A comment is one line, whatever files are called.
std::string comment(const std::string& text) {
  std::string line = printable(text);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return "# " + line + "\n";
}

YamlValue volume_value(const Draft& draft) {
  if (!draft.channels_in_file.empty())
    return yaml_map({{"file", yaml_text(draft.volumes.front().second)},
                     {"channels", yaml_texts(draft.channels_in_file)}});
  if (draft.volumes.size() == 1) return yaml_text(draft.volumes.front().second);
  Entries channels;
  for (const auto& [name, pattern] : draft.volumes) channels.emplace_back(name, yaml_text(pattern));
  return yaml_map(std::move(channels));
}

YamlValue parts_value(const Parts& parts) {
  Entries entries;
  for (const Part& part : parts) {
    Entries values;
    for (const auto& [short_form, name] : part.values)
      values.emplace_back(short_form, yaml_text(name));
    entries.emplace_back(
        part.name, part.has_values() ? yaml_map(std::move(values)) : yaml_text(part.expression));
  }
  return yaml_map(std::move(entries));
}

YamlValue metadata_value(const std::vector<DraftTable>& tables) {
  std::vector<YamlValue> items;
  for (const DraftTable& table : tables) {
    Entries entries{{"file", yaml_text(table.file)}}, keys;
    if (!table.rows_column.empty())
      entries.emplace_back("rows", yaml_map({{table.rows_column, yaml_texts(table.rows_keys)}}));
    for (const auto& [column, pattern] : table.keys) keys.emplace_back(column, yaml_text(pattern));
    entries.emplace_back("key", yaml_map(std::move(keys)));
    if (table.matches_numbers) entries.emplace_back("match", yaml_text("number"));
    items.push_back(yaml_map(std::move(entries)));
  }
  return yaml_list(std::move(items));
}

YamlValue splits_value(const std::vector<DraftSplit>& splits) {
  std::vector<YamlValue> items;
  for (const DraftSplit& split : splits) {
    Entries entries{{"name", yaml_text(split.name)}, {"by", yaml_text(split.by)}}, values, where;
    for (const auto& [side, names] : split.values) values.emplace_back(side, yaml_texts(names));
    for (const auto& [column, value] : split.where) where.emplace_back(column, yaml_text(value));
    if (!values.empty()) entries.emplace_back("values", yaml_map(std::move(values)));
    if (!where.empty()) entries.emplace_back("where", yaml_map(std::move(where)));
    items.push_back(yaml_map(std::move(entries)));
  }
  return yaml_list(std::move(items));
}

YamlValue lists_value(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists) {
  Entries entries;
  for (const auto& [name, texts] : lists) entries.emplace_back(name, yaml_texts(texts));
  return yaml_map(std::move(entries));
}

// The recipe's keys, in the order of the documentation.
Entries entries_of(const Draft& draft) {
  Entries entries;
  if (!draft.name.empty()) entries.emplace_back("name", yaml_text(draft.name));
  entries.emplace_back("volume", volume_value(draft));
  if (draft.has_label_files)
    entries.emplace_back(
        "mask", yaml_map({{"file", yaml_text(draft.mask)}, {"overlap", yaml_text("error")}}));
  else if (!draft.mask.empty())
    entries.emplace_back("mask", yaml_text(draft.mask));
  if (!draft.ignore.empty()) entries.emplace_back("ignore", yaml_texts(draft.ignore));
  if (!draft.parts.empty()) entries.emplace_back("parts", parts_value(draft.parts));
  if (!draft.id.empty()) entries.emplace_back("id", yaml_text(draft.id));
  if (!draft.no_mask.empty()) entries.emplace_back("no_mask", lists_value(draft.no_mask));
  if (!draft.tables.empty()) entries.emplace_back("metadata", metadata_value(draft.tables));
  if (!draft.unit.empty())
    entries.emplace_back("intensity", yaml_map({{"unit", yaml_text(draft.unit)}}));
  if (!draft.labels.empty()) {
    Entries labels;
    for (const auto& [label, name] : draft.labels)
      labels.emplace_back(std::to_string(label), yaml_text(name));
    entries.emplace_back("labels", yaml_map(std::move(labels)));
  }
  if (!draft.groups.empty()) entries.emplace_back("groups", lists_value(draft.groups));
  if (!draft.splits.empty()) entries.emplace_back("splits", splits_value(draft.splits));
  return entries;
}

void replace_pid(std::string& pattern, const std::string& with) {
  constexpr std::string_view pid = "{pid}";
  for (std::size_t at = pattern.find(pid); at != std::string::npos;
       at = pattern.find(pid, at + with.size()))
    pattern.replace(at, pid.size(), with);
}

}  // namespace

const Part* Draft::find_part(const std::string& part) const {
  const auto index = index_of(parts, part);
  return index ? &parts[*index] : nullptr;
}

std::string recipe_text(const Draft& draft, const std::vector<std::string>& left_out) {
  std::string text = comment("A proposal by nicohort for " + draft.layout +
                             ". Check it with `nicohort run --dry_run`, and edit it.");
  for (const std::string& line : draft.comments) text += comment(line);
  for (const auto& [key, value] : entries_of(draft))
    text += is_among(key, left_out)
                ? comment("`" + key + "` cannot be used as it was found; write it yourself")
                : format_entry(key, value);
  if (!draft.mask.empty() && draft.labels.empty())
    text +=
        "# What the values of the masks mean is not known. Without labels no step can be done:\n"
        "# labels: {0: background, 1: ...}\n";
  return text;
}

void split_prefix(Draft& draft, const std::vector<std::string>& pids) {
  const std::string prefix = draft.pid_prefix;
  if (draft.id.empty()) draft.id = "{pid}";
  for (auto& [channel, pattern] : draft.volumes) replace_pid(pattern, prefix + "{pid}");
  replace_pid(draft.mask, prefix + "{pid}");
  replace_pid(draft.id, prefix + "{pid}");
  for (DraftTable& table : draft.tables)
    for (auto& [column, pattern] : table.keys) replace_pid(pattern, prefix + "{pid}");
  std::vector<std::string> rests;
  for (const std::string& pid : pids) rests.push_back(pid.substr(prefix.size()));
  for (Part& part : draft.parts)
    if (part.name == "pid") part.expression = expression_for(rests);
  draft.pid_prefix.clear();
}

}  // namespace nicohort
