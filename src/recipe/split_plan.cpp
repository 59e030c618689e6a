#include "recipe/split_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/near_miss.hpp"
#include "recipe/subset_names.hpp"
#include "recipe/yaml_json.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// The parameters of the rule that the map has a key for. Returns their names.
std::set<std::string> read_parameters(const YamlValue& map, SplitRule& rule,
                                      const RecipeSource& source) {
  std::set<std::string> given;
  for (const Parameter& parameter : parameters_of(rule)) {
    const YamlValue* value = map.find(parameter.name);
    if (!value || value->is_map()) continue;  // a map: `divide`, which is read for itself
    try {
      set_parameter(parameter, json_of(*value));
    } catch (const UsageError& error) {
      source.fail(value->line, error.what());
    }
    given.insert(parameter.name);
  }
  return given;
}

std::vector<std::string> parameter_names() {
  SplitRule rule;
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_of(rule)) names.push_back(parameter.name);
  return names;
}

// `{val: [Va]}`: the values of the column that mean a side.
void read_renamed(const YamlValue& map, SplitRule& rule, const Parts& parts,
                  const RecipeSource& source) {
  if (!map.is_map() || map.entries.empty())
    source.fail(map.line, "`values` is not a map of subset: value, or list of values");
  source.require_distinct_keys(map, "values");
  const auto part = index_of(parts, rule.by);
  for (const YamlEntry& side : map.entries)
    for (const std::string& value : source.texts(side.value, side.key)) {
      if (part && parts[*part].has_values() && !parts[*part].has_value(value))
        source.fail(side.line,
                    fmt::format("`values`: `{}` is not a short form of `{}`; {}", value, rule.by,
                                did_you_mean(value, parts[*part].short_forms())));
      if (!rule.renamed.emplace(value, side.key).second)
        source.fail(side.line, fmt::format("`values` has `{}` twice", value));
    }
}

// `{side: train, val_ratio: 0.5}`: what of a draw is in it.
std::set<std::string> read_divide(const YamlValue& map, SplitRule& rule,
                                  const std::set<std::string>& beside, const RecipeSource& source) {
  std::vector<std::string> known = draw_parameters();
  known.insert(known.begin(), "side");
  const MapReader reader(map, source, "divide", known);
  rule.divide = source.text(reader.need("side", "the subset that is divided again"), "side");
  std::set<std::string> given = read_parameters(map, rule, source);
  for (const std::string& name : draw_parameters())
    if (beside.contains(name))
      source.fail(map.line, fmt::format("`{}` stands beside `divide`; put it into `divide`", name));
  return given;
}

// own_keys: what the map has beside the keys of a rule.
SplitRule read_rule(const YamlValue& map, const std::vector<std::string>& own_keys,
                    const Parts& parts, const RecipeSource& source) {
  std::vector<std::string> keys = own_keys;
  keys.insert(keys.end(), {"where", "values"});
  const std::vector<std::string> parameters = parameter_names();
  keys.insert(keys.end(), parameters.begin(), parameters.end());
  const MapReader reader(map, source, "splits", keys);
  SplitRule rule;
  std::set<std::string> given = read_parameters(map, rule, source);
  if (const YamlValue* where = reader.find("where"))
    rule.where = read_condition(*where, "where", parts, source);
  if (const YamlValue* values = reader.find("values")) {
    read_renamed(*values, rule, parts, source);
    given.insert("values");
  }
  if (const YamlValue* divide = reader.find("divide"); divide && divide->is_map()) {
    given.merge(read_divide(*divide, rule, given, source));
    given.insert("divide");
  }
  try {
    settle(rule, given);
  } catch (const UsageError& error) {
    source.fail(map.line, error.what());
  }
  return rule;
}

// The sides that the plan can have; none: the manifest says them.
std::vector<std::string> known_sides(const SplitPlan& plan) {
  std::vector<std::string> sides;
  for (const SplitRule& rule : plan.rules) {
    if (!rule.by.empty() || !rule.leave_out.empty()) return {};
    if (rule.folds > 0)
      for (const std::string& side : drawn_sides(rule)) sides.push_back(side);
    else
      for (const char* side : {"train", "val", "test"}) sides.push_back(side);
  }
  return sides;
}

std::vector<Subsets> read_subsets(const YamlValue& list, const SplitPlan& plan,
                                  const RecipeSource& source) {
  constexpr const char* example =
      "`subsets` is not a list of lists, such as [[train, val], [test]]";
  if (!list.is_list()) source.fail(list.line, example);
  const std::vector<std::string> sides = known_sides(plan);
  std::vector<Subsets> subsets;
  for (const YamlValue& item : list.items) {
    if (!item.is_list() || item.items.empty()) source.fail(item.line, example);
    subsets.push_back(source.texts(item, "subsets"));
    for (const std::string& side : subsets.back())
      if (!sides.empty() && std::find(sides.begin(), sides.end(), side) == sides.end())
        source.fail(item.line, fmt::format("`subsets`: `{}` is not a subset of the split; {}", side,
                                           did_you_mean(side, sides)));
    if (std::set<std::string>(subsets.back().begin(), subsets.back().end()).size() !=
        subsets.back().size())
      source.fail(item.line, "`subsets` has a subset twice in one list");
    if (std::count(subsets.begin(), subsets.end(), subsets.back()) > 1)
      source.fail(item.line, "`subsets` has the same list twice");
    if (const std::string fault = same_file_fault(plan.name, subsets, ".xlsx"); !fault.empty())
      source.fail(
          item.line,
          fmt::format("`subsets`: {}; rename one of the subsets with `values`, or leave out a list",
                      fault));
  }
  return subsets;
}

std::string read_name(const YamlValue* name, const YamlValue& map, const RecipeSource& source) {
  if (!name) source.fail(map.line, "`splits`: `name` is missing: the split's worksheet");
  std::string text = source.text(*name, "name");
  if (const std::string fault = sheet_name_fault(text); !fault.empty())
    source.fail(name->line,
                fmt::format("`name`: `{}` cannot be a worksheet's name: {}", text, fault));
  if (text == "." || text == "..")
    source.fail(name->line,
                fmt::format("`name`: `{}` cannot be a folder's name; choose another name", text));
  if (lower_case(text) == "manifest")
    source.fail(
        name->line,
        fmt::format("`name`: `{}` is the worksheet that is split; choose another name", text));
  return text;
}

std::vector<SplitRule> read_rules(const YamlValue& map, const Parts& parts,
                                  const RecipeSource& source) {
  const YamlValue* list = map.is_map() ? map.find("parts") : nullptr;
  if (!list) return {read_rule(map, {"name", "subsets"}, parts, source)};
  for (const YamlEntry& entry : map.entries)
    if (entry.key != "name" && entry.key != "subsets" && entry.key != "parts")
      source.fail(entry.line,
                  fmt::format("`{}` stands beside `parts`; put it into each of them", entry.key));
  const MapReader reader(map, source, "splits", {"name", "subsets", "parts"});
  if (!list->is_list() || list->items.empty())
    source.fail(list->line, "`parts` is not a list of maps, such as `- {where: {site: A}}`");
  std::vector<SplitRule> rules;
  for (const YamlValue& item : list->items) rules.push_back(read_rule(item, {}, parts, source));
  return rules;
}

}  // namespace

std::vector<SplitPlan> read_splits(const YamlValue& list, const Parts& parts,
                                   const RecipeSource& source) {
  if (!list.is_list())
    source.fail(list.line, "`splits` is not a list of maps, such as `- {name: split01}`");
  std::vector<SplitPlan> plans;
  std::set<std::string> names;  // Excel compares them without case
  for (const YamlValue& item : list.items) {
    SplitPlan plan;
    plan.rules = read_rules(item, parts, source);
    plan.name = read_name(item.find("name"), item, source);
    plan.line = item.line;
    if (const YamlValue* subsets = item.find("subsets"))
      plan.subsets = read_subsets(*subsets, plan, source);
    if (!names.insert(lower_case(plan.name)).second)
      source.fail(item.line,
                  fmt::format("`splits` has two of the name `{}`, but Excel ignores upper and "
                              "lower case in names; choose another name for one of them",
                              plan.name));
    plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace nicohort
