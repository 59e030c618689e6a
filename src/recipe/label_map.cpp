#include "recipe/label_map.hpp"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "base/problem.hpp"

namespace nicohort {
namespace {

// Throws UsageError, a phrase; calls at(line) before each entry.
template <class At>
LabelNames names_of_map(const YamlValue& map, const At& at) {
  LabelNames names;
  std::map<std::string, int> labels;  // by name
  for (const YamlEntry& entry : map.entries) {
    at(entry.line);
    const std::string& key = entry.key;
    int label = -1;
    const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), label);
    if (error != std::errc() || end != key.data() + key.size() || label < 0 || label > 255)
      throw UsageError(fmt::format("has `{}`, which is not a label from 0 to 255", key));
    if (entry.value.is_list() || entry.value.is_map())
      throw UsageError("has an entry that is not `label: name`");
    const std::string name = file_name_form(entry.value.text);
    if (name.empty()) throw UsageError(fmt::format("has no name for label {}", label));
    if (is_existence_name(name))
      throw UsageError(
          fmt::format("calls label {} `{}`, but manifests use names that end in `_existence` for "
                      "other columns; rename it",
                      label, name));
    if (!names.emplace(static_cast<std::uint8_t>(label), name).second)
      throw UsageError(fmt::format("names label {} twice", label));
    const auto [same, is_new] = labels.emplace(name, label);
    if (!is_new)
      throw UsageError(fmt::format(
          "calls both label {} and label {} `{}`{}; give each label a name of its own",
          same->second, label, name,
          name == entry.value.text ? "" : ", with `_` for spaces and slashes in file names"));
  }
  return names;
}

}  // namespace

LabelNames parse_label_map(std::string_view text, const std::string& source) {
  const YamlValue root = parse_yaml(text, "label map " + source);
  const YamlValue* map = root.find("short_form_index_map");
  if (!map) map = root.find("full_form_index_map");
  std::string place;
  try {
    if (!map || !map->is_map() || map->entries.empty()) throw UsageError("has no labels");
    return names_of_map(*map, [&](int line) { place = fmt::format(", line {}", line); });
  } catch (const UsageError& error) {
    throw UsageError(fmt::format(
        "label map {}{}: {}; it should read `short_form_index_map: {{0: Bg, 1: EsoROI}}`", source,
        place, error.what()));
  }
}

LabelNames load_label_map(const std::filesystem::path& path) {
  return parse_label_map(read_small_text(path), path.string());
}

LabelNames read_labels(const YamlValue& map, const RecipeSource& source) {
  if (!map.is_map()) source.fail(map.line, "`labels` is not a map such as {0: Bg, 1: EsoROI}");
  int line = map.line;
  try {
    return names_of_map(map, [&](int at) { line = at; });
  } catch (const UsageError& error) {
    source.fail(line, fmt::format("`labels` {}", error.what()));
  }
}

}  // namespace nicohort
