#include "export/split_use.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "base/near_miss.hpp"
#include "split/rows.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

const std::set<std::string>& usual_subsets() {
  static const std::set<std::string> subsets{"train", "val", "test"};
  return subsets;
}

bool is_number(const std::string& text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether names that are no numbers can only be those of what is left out in turn.
bool leave_out(const std::vector<SplitRule>& rules) {
  const auto leaves_out = [](const SplitRule& rule) { return !rule.leave_out.empty(); };
  const auto draws = [](const SplitRule& rule) { return rule.draws() && rule.by.empty(); };
  return std::any_of(rules.begin(), rules.end(), leaves_out) &&
         std::all_of(rules.begin(), rules.end(),
                     [&](const SplitRule& rule) { return leaves_out(rule) || draws(rule); });
}

// The subset that a name is often given to; empty: none.
std::string usual_meaning(const std::string& name) {
  static const std::map<std::string, std::vector<std::string>> names{
      {"train", {"train", "training", "tr"}},
      {"val", {"val", "valid", "validation", "validate", "va", "dev"}},
      {"test", {"test", "testing", "ts", "te"}}};
  for (const auto& [subset, others] : names)
    if (is_among(lower_case(name), others)) return subset;
  return "";
}

// `values: {train: [Train], test: [Test]}`, of the names whose meaning can be guessed.
std::string values_text(const std::set<std::string>& subsets) {
  std::map<std::string, std::vector<std::string>> meant;
  for (const std::string& name : in_order(subsets))
    if (const std::string subset = usual_meaning(name); !subset.empty())
      meant[subset].push_back(name);
  std::vector<std::string> texts;
  for (const auto& [subset, names] : meant)
    if (names.size() > 1 || names.front() != subset)
      texts.push_back(fmt::format("{}: [{}]", subset, fmt::join(names, ", ")));
  if (texts.empty()) texts = {"train: [A]", "test: [B]"};
  return fmt::format("values: {{{}}}", fmt::join(texts, ", "));
}

UsedSplit only_names(std::string fault) {
  return {SplitUse::names, {}, std::move(fault)};
}

}  // namespace

UsedSplit used_split(const std::set<std::string>& subsets, const std::vector<SplitRule>& rules) {
  std::set<std::string> others;
  std::set_difference(subsets.begin(), subsets.end(), usual_subsets().begin(),
                      usual_subsets().end(), std::inserter(others, others.end()));
  if (others.empty()) return {SplitUse::subsets};
  const std::string all = fmt::format("{}", fmt::join(in_order(subsets), ", "));
  const bool are_numbers = std::all_of(others.begin(), others.end(), is_number);
  if (!are_numbers && !leave_out(rules))
    return only_names(
        fmt::format("has the subsets {}; training needs train, val and test, or the folds 0, 1, … "
                    "and test. Beside `by` in the recipe, `{}` says what is what; or rename them "
                    "in the worksheet",
                    all, values_text(others)));
  if (subsets.contains("train") || subsets.contains("val"))
    return only_names(
        fmt::format("has the subsets {}; training needs train, val and test, or the folds of a "
                    "cross-validation and test; make the split again",
                    all));
  const std::vector<std::string> folds = in_order(others);
  if (folds.size() < 2)
    return only_names(
        fmt::format("has the fold {} only; cross-validation needs two", folds.front()));
  if (are_numbers)
    for (std::size_t i = 0; i < folds.size(); ++i)
      if (folds[i] != std::to_string(i))
        return only_names(
            fmt::format("has the folds {}, without {}; make it again", fmt::join(folds, ", "), i));
  return {SplitUse::folds, folds};
}

}  // namespace nicohort
