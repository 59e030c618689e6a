#include "dataset/info.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "table/yaml.hpp"

namespace nicohort {
namespace {

constexpr std::size_t info_bytes = 4 << 20;

}  // namespace

const std::string& SampleInfo::part(const std::string& name) const {
  static const std::string none;
  for (const auto& [part, value] : parts)
    if (part == name) return value;
  return none;
}

InfoKeys info_keys(const Recipe& recipe) {
  InfoKeys keys;
  for (const Part& part : recipe.parts()) {
    keys.parts.push_back(part.name);
    if (part.can_be_empty) keys.optional.insert(part.name);
  }
  keys.has_subset = recipe.has_folder() && !recipe.part_index("subset");
  return keys;
}

std::string SampleInfo::column(const std::string& name) const {
  if (const std::string& value = part(name); !value.empty()) return value;
  for (const auto& [column, value] : attributes)
    if (column == name) return to_text(value);
  return {};
}

std::string info_text(const SampleInfo& info) {
  std::string text;
  auto line = [&](const std::string& key, const Cell& value) {
    const std::string name = yaml_scalar(key);
    // Parsers of YAML look for the colon behind a key only so far, unless the key is marked.
    constexpr std::size_t most_in_one_line = 1000;
    text += name.size() > most_in_one_line ? fmt::format("? {}\n: {}\n", name, yaml_scalar(value))
                                           : fmt::format("{}: {}\n", name, yaml_scalar(value));
  };
  line("ID", info.id);
  for (const auto& [part, value] : info.parts) line(part, value.empty() ? Cell() : Cell(value));
  if (!info.subset.empty()) line("subset", info.subset);
  for (const auto& [key, value] : info.attributes) line(key, value);
  return text;
}

SampleInfo parse_info(const std::string& text, const InfoKeys& keys) {
  SampleInfo info;
  info.parts.reserve(keys.parts.size());
  for (const std::string& part : keys.parts) info.parts.emplace_back(part, "");
  std::set<std::string> missing(keys.parts.begin(), keys.parts.end());
  try {
    const YamlValue root = parse_yaml(text, "info file");
    if (!root.is_map())
      throw BadInput(ProblemKind::unreadable_file,
                     "is not a map of attributes; run confirm_pairs again");
    std::set<std::string> known_keys;
    for (const YamlEntry& entry : root.entries) {
      const std::string& key = entry.key;
      if (!known_keys.insert(key).second)
        throw BadInput(ProblemKind::unreadable_file,
                       fmt::format("has `{}` twice; run confirm_pairs again", key));
      Cell value = yaml_cell(entry.value);
      auto part = std::find_if(info.parts.begin(), info.parts.end(),
                               [&](const auto& known) { return known.first == key; });
      if (key == "ID") {
        info.id = to_text(value);
      } else if (part != info.parts.end()) {
        part->second = to_text(value);
        if (!part->second.empty() || keys.optional.contains(key)) missing.erase(key);
      } else if (key == "subset" && keys.has_subset) {
        info.subset = to_text(value);
      } else {
        info.attributes.emplace_back(key, std::move(value));
      }
    }
  } catch (const UsageError& error) {
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("{}; run confirm_pairs again", error.what()));
  }
  if (info.id.empty() || !missing.empty())
    throw BadInput(ProblemKind::unreadable_file,
                   fmt::format("does not have all of ID, {}; run confirm_pairs again",
                               fmt::join(keys.parts, ", ")));
  return info;
}

SampleInfo read_info(const std::filesystem::path& dataset, const SampleFiles& sample,
                     const InfoKeys& keys) {
  const std::string file = sample.info().generic_string();
  try {
    SampleInfo info = parse_info(read_file(dataset / file, info_bytes), keys);
    if (info.id == sample.id) return info;
    throw BadInput(ProblemKind::layout,
                   fmt::format("has the ID {}, but the folder is {}; correct one of them", info.id,
                               sample.id));
  } catch (const BadInput& bad) {
    throw BadInput(file, bad.kind(), bad.what());  // relative to the dataset
  }
}

}  // namespace nicohort
