// How a split divides samples: what one item of a recipe's `splits`, one of its `parts`, or the
// command line of make_split says.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "recipe/condition.hpp"
#include "step/parameter.hpp"

namespace nicohort {

struct SplitRule {
  Condition where = {};  // only these samples; none: all

  // Either a column says the side ...
  std::string by = {};  // empty: none
  // The side that a value of it means; other values are sides themselves.
  std::map<std::string, std::string> renamed = {};
  std::string divide = {};  // this side is drawn again; empty: none
  // ... or a column's values are the sides ...
  std::string leave_out = {};  // empty: none
  // ... or patients are drawn.
  double test_ratio = 0.4, val_ratio = 0.2;  // of all; of what test leaves
  std::uint32_t random_seed = 0;
  std::vector<std::string> stratify_by = {};  // columns
  int folds = 0;                              // sides 0, 1, …; 0: train and val instead
  bool keep_sides = false;  // of the worksheet that is there; only who is new is drawn

  bool require_mask = false;      // leave out samples whose mask is missing or empty
  bool exclude_rejected = false;  // leave out what descriptor/review.xlsx rejects

  // Whether a generator has its say, for all samples or those of `divide`.
  bool draws() const { return leave_out.empty() && (by.empty() || !divide.empty()); }
  bool operator==(const SplitRule&) const = default;
};

// All but `where` and `renamed`, in the rule.
Parameters parameters_of(SplitRule& rule);

// Those that only a draw needs.
const std::vector<std::string>& draw_parameters();

// Fills in the defaults that depend on what else is given (parameters by their names), and throws
// UsageError for parameters that say nothing together. prefix: of their names in messages, `--`.
void settle(SplitRule& rule, const std::set<std::string>& given, const std::string& prefix = "");

// The columns that the rule asks for beside those of `where`, each with the parameter that names
// it.
std::vector<std::pair<std::string, std::string>> columns_of(const SplitRule& rule);

// The sides that a draw can have; the test side first, if it asks for a share.
std::vector<std::string> drawn_sides(const SplitRule& rule);

// A split, a worksheet of the manifest. No sample is of two rules.
struct SplitPlan {
  std::string name;  // of the worksheet
  std::vector<SplitRule> rules = {};
  std::vector<std::vector<std::string>> subsets = {};  // an index manifest each
  int line = 0;                                        // of the recipe; 0: of no recipe

  // Before names of parameters in messages, as for settle(): they are options of the command line,
  // or keys of a recipe.
  std::string prefix() const { return line > 0 ? "" : "--"; }
  bool keeps_sides() const {
    return std::any_of(rules.begin(), rules.end(),
                       [](const SplitRule& rule) { return rule.keep_sides; });
  }
  bool operator==(const SplitPlan& other) const {  // wherever they stand
    return name == other.name && rules == other.rules && subsets == other.subsets;
  }
};

// The rules as JSON, the same text for the same rules, and back. Throws UsageError for what is no
// such text.
std::string json_of(const std::vector<SplitRule>& rules);
std::vector<SplitRule> rules_from(const std::string& json);

}  // namespace nicohort
