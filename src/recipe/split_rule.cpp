#include "recipe/split_rule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/problem.hpp"

namespace nicohort {
namespace {

using nlohmann::json;

json json_of(SplitRule rule) {
  json value = json::object();
  for (const Parameter& parameter : parameters_of(rule))
    value[parameter.name] = json::parse(nicohort::json_of(parameter));
  json where = json::array();
  for (const auto& wish : rule.where.wishes) where.push_back({wish.column, wish.values});
  value["where"] = where;
  value["renamed"] = rule.renamed;
  return value;
}

SplitRule rule_from(const json& value) {
  SplitRule rule;
  for (const Parameter& parameter : parameters_of(rule)) {
    const json& given = value.at(parameter.name);
    const bool is_default = given.dump() == nicohort::json_of(parameter);  // also an empty text
    if (!is_default) set_parameter(parameter, given.dump());
  }
  for (const json& wish : value.at("where"))
    rule.where.wishes.push_back(
        {wish.at(0).get<std::string>(), wish.at(1).get<std::vector<std::string>>()});
  rule.renamed = value.at("renamed").get<std::map<std::string, std::string>>();
  return rule;
}

}  // namespace

Parameters parameters_of(SplitRule& rule) {
  return {
      {.name = "by",
       .option = "--by",
       .place = &rule.by,
       .help = "Take the subset of each sample from this column instead of drawing it",
       .type_name = "COLUMN"},
      {.name = "divide",
       .option = "--divide",
       .place = &rule.divide,
       .help = "Divide this subset of --by again, by --val_ratio and --test_ratio (which is 0 here "
               "unless it is given)"},
      {.name = "test_ratio",
       .option = "--test_ratio",
       .place = &rule.test_ratio,
       .help = "Fraction of the patients for test",
       .highest = 1},
      {.name = "val_ratio",
       .option = "--val_ratio",
       .place = &rule.val_ratio,
       .help = "Fraction of the remaining patients for val",
       .highest = 1},
      {.name = "random_seed",
       .option = "--random_seed",
       .place = &rule.random_seed,
       .help = "Seed of the shuffle, 0 to 4294967295",
       .highest = 4294967295},
      {.name = "stratify_by",
       .option = "--stratify_by",
       .place = &rule.stratify_by,
       .help = "Columns whose values all subsets get in equal proportions",
       .type_name = "COLUMN"},
      {.name = "folds",
       .option = "--folds",
       .place = &rule.folds,
       .help = "Number of folds for cross-validation, instead of train and val",
       .lowest = 2,
       .highest = 1000},
      {.name = "leave_out",
       .option = "--leave_out",
       .place = &rule.leave_out,
       .help = "Make each value of this column a subset, to be left out in turn",
       .type_name = "COLUMN"},
      {.name = "keep_sides",
       .option = "--keep_sides",
       .place = &rule.keep_sides,
       .help =
           "Keep the subsets of the patients in the existing worksheet; draw only new patients"},
      {.name = "require_mask",
       .option = "--require_mask",
       .place = &rule.require_mask,
       .help = "Leave out samples whose mask is missing or empty"},
      {.name = "exclude_rejected",
       .option = "",
       .place = &rule.exclude_rejected,
       .help = "Leave out samples that are rejected in the review"}};
}

const std::vector<std::string>& draw_parameters() {
  static const std::vector<std::string> names{"test_ratio",  "val_ratio", "random_seed",
                                              "stratify_by", "folds",     "keep_sides"};
  return names;
}

void settle(SplitRule& rule, const std::set<std::string>& given, const std::string& prefix) {
  auto name = [&](const std::string& parameter) { return "`" + prefix + parameter + "`"; };
  if (given.contains("by") && given.contains("leave_out"))
    throw UsageError(fmt::format("{} and {} both give the subset; leave one of them out",
                                 name("by"), name("leave_out")));
  for (const char* parameter : {"divide", "values"})
    if (given.contains(parameter) && !given.contains("by"))
      throw UsageError(
          fmt::format("{} needs {}, the column of the subsets", name(parameter), name("by")));
  for (const std::string& parameter : draw_parameters()) {
    if (!given.contains(parameter) || rule.draws()) continue;
    if (given.contains("leave_out"))
      throw UsageError(
          fmt::format("{} cannot be used with {}, which gives the subset; leave one of them out",
                      name(parameter), name("leave_out")));
    throw UsageError(
        fmt::format("{0} cannot be used with {1}, which gives the subset; leave out {0}, or name "
                    "with {2} the subset to divide again",
                    name(parameter), name("by"), name("divide")));
  }
  if (given.contains("folds") && given.contains("val_ratio"))
    throw UsageError(
        fmt::format("{} cannot be used with {}, of which each fold is val in turn; leave one of "
                    "them out",
                    name("val_ratio"), name("folds")));
  if (!given.contains("test_ratio") && (given.contains("divide") || given.contains("folds")))
    rule.test_ratio = 0;
}

std::vector<std::pair<std::string, std::string>> columns_of(const SplitRule& rule) {
  std::vector<std::pair<std::string, std::string>> columns;
  if (!rule.by.empty()) columns.emplace_back(rule.by, "by");
  if (!rule.leave_out.empty()) columns.emplace_back(rule.leave_out, "leave_out");
  for (const std::string& column : rule.stratify_by) columns.emplace_back(column, "stratify_by");
  return columns;
}

std::vector<std::string> drawn_sides(const SplitRule& rule) {
  std::vector<std::string> sides;
  const double rest = 1 - rule.test_ratio;
  if (rule.test_ratio > 0) sides.push_back("test");
  if (rule.folds > 0) {
    for (int fold = 0; fold < rule.folds && rest > 0; ++fold) sides.push_back(std::to_string(fold));
    return sides;
  }
  if (rest * rule.val_ratio > 0) sides.push_back("val");
  if (rest * (1 - rule.val_ratio) > 0) sides.push_back("train");
  return sides;
}

std::string json_of(const std::vector<SplitRule>& rules) {
  json list = json::array();
  for (const SplitRule& rule : rules) list.push_back(json_of(rule));
  return list.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<SplitRule> rules_from(const std::string& text) {
  try {
    std::vector<SplitRule> rules;
    for (const json& rule : json::parse(text)) rules.push_back(rule_from(rule));
    return rules;
  } catch (const json::exception&) {
    throw UsageError("is no plan of a split");
  }
}

}  // namespace nicohort
