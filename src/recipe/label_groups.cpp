#include "recipe/label_groups.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/near_miss.hpp"

namespace nicohort {
namespace {

// `mask_01_liver` is the mask of a label, and `mask_existence` would be another column.
bool is_group_name(const std::string& name) {
  return !name.empty() && !std::isdigit(static_cast<unsigned char>(name.front())) &&
         !is_existence_name(name);
}

}  // namespace

std::vector<GivenGroup> read_groups(const YamlValue& map, const RecipeSource& source) {
  if (!map.is_map())
    source.fail(map.line, "`groups` is not a map such as {masses: [tumour, cyst]}");
  std::vector<GivenGroup> groups;
  for (const YamlEntry& entry : map.entries) {
    GivenGroup group{file_name_form(entry.key), source.texts(entry.value, entry.key), entry.line};
    if (!is_group_name(group.name))
      source.fail(entry.line, fmt::format("`groups` has the name `{}`; it should begin with no "
                                          "digit, and not end in `_existence`",
                                          entry.key));
    if (group.labels.empty())
      source.fail(entry.line, fmt::format("the group `{}` has no labels", entry.key));
    if (std::any_of(groups.begin(), groups.end(),
                    [&](const GivenGroup& other) { return other.name == group.name; }))
      source.fail(entry.line, fmt::format("`groups`: `{}` occurs twice", entry.key));
    groups.push_back(std::move(group));
  }
  return groups;
}

LabelGroups groups_of(const std::vector<GivenGroup>& groups, const LabelNames& labels,
                      const RecipeSource& source) {
  std::vector<std::string> names;
  for (const auto& [label, name] : labels) names.push_back(name);
  LabelGroups all;
  for (const GivenGroup& given : groups) {
    LabelGroup group{given.name, {}};
    for (const std::string& name : given.labels) {
      const auto label = find_label(labels, name);
      if (!label || *label == 0)
        source.fail(given.line,
                    fmt::format("the group `{}` names `{}`, which is {}; {}", given.name, name,
                                label ? "the background" : "not among the labels",
                                did_you_mean(name, names)));
      group.labels.push_back(*label);
    }
    std::sort(group.labels.begin(), group.labels.end());
    all.push_back(std::move(group));
  }
  return all;
}

}  // namespace nicohort
