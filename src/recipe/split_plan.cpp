#include "recipe/split_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/near_miss.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

const std::vector<std::string> sides{"train", "val", "test"};

std::vector<std::vector<std::string>> read_subsets(const YamlValue& list,
                                                   const RecipeSource& source) {
  constexpr const char* example =
      "`subsets` is not a list of lists, such as [[train, val], [test]]";
  if (!list.is_list()) source.fail(list.line, example);
  std::vector<std::vector<std::string>> subsets;
  for (const YamlValue& item : list.items) {
    if (!item.is_list() || item.items.empty()) source.fail(item.line, example);
    subsets.push_back(source.texts(item, "subsets"));
    for (const std::string& side : subsets.back())
      if (std::find(sides.begin(), sides.end(), side) == sides.end())
        source.fail(item.line, fmt::format("`subsets`: `{}` is not a side of the split; {}", side,
                                           did_you_mean(side, sides)));
    if (std::set<std::string>(subsets.back().begin(), subsets.back().end()).size() !=
        subsets.back().size())
      source.fail(item.line, "`subsets` has a side twice in one list");
    if (std::count(subsets.begin(), subsets.end(), subsets.back()) > 1)
      source.fail(item.line, "`subsets` has the same list twice");
  }
  return subsets;
}

SplitPlan read_split(const YamlValue& map, const Parts& parts, const RecipeSource& source) {
  const MapReader reader(
      map, source, "splits",
      {{"name", "where", "test_ratio", "val_ratio", "random_seed", "stratify_by",
        "exclude_rejected", "subsets"},
       {"by", "values", "divide", "folds", "leave_out", "keep_sides", "require_mask", "parts"}});
  SplitPlan plan;
  const YamlValue& name = reader.need("name", "the split's worksheet");
  plan.name = source.text(name, "name");
  if (const std::string fault = sheet_name_fault(plan.name); !fault.empty())
    source.fail(name.line,
                fmt::format("`name`: `{}` cannot be a worksheet's name: {}", plan.name, fault));
  if (lower_case(plan.name) == "manifest")
    source.fail(
        name.line,
        fmt::format("`name`: `{}` is the worksheet that is split; choose another name", plan.name));
  if (const YamlValue* where = reader.find("where"))
    plan.where = read_condition(*where, "where", parts, source);
  plan.test_ratio = reader.number("test_ratio", plan.test_ratio, 0, 1);
  plan.val_ratio = reader.number("val_ratio", plan.val_ratio, 0, 1);
  plan.random_seed = reader.whole_number("random_seed", plan.random_seed);
  const std::vector<std::string> strata = reader.texts("stratify_by");
  if (strata.size() > 1)
    source.fail(reader.find("stratify_by")->line,
                "`stratify_by` with more than one column is not supported yet");
  if (!strata.empty()) plan.stratify_by = strata.front();
  plan.exclude_rejected = reader.flag("exclude_rejected", false);
  if (const YamlValue* subsets = reader.find("subsets"))
    plan.subsets = read_subsets(*subsets, source);
  return plan;
}

}  // namespace

std::vector<SplitPlan> read_splits(const YamlValue& list, const Parts& parts,
                                   const RecipeSource& source) {
  if (!list.is_list())
    source.fail(list.line, "`splits` is not a list of maps, such as `- {name: split01}`");
  std::vector<SplitPlan> plans;
  std::set<std::string> names;  // Excel compares them without case
  for (const YamlValue& item : list.items) {
    plans.push_back(read_split(item, parts, source));
    if (!names.insert(lower_case(plans.back().name)).second)
      source.fail(item.line,
                  fmt::format("`splits` has two of the name `{}`, but Excel ignores upper and "
                              "lower case in names; choose another name for one of them",
                              plans.back().name));
  }
  return plans;
}

}  // namespace nicohort
