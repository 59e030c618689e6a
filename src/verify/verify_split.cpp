#include "verify/verify_split.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/wording.hpp"
#include "dataset/manifest.hpp"
#include "split/sides.hpp"

namespace nicohort {
namespace {

// The patients of the worksheet who are on one side, as they should be.
std::map<std::string, std::string> single_sides(const Table& split, const Recipe& recipe,
                                                const std::string& where) {
  std::map<std::string, std::string> single;
  for (const auto& [patient, sides] : sides_of_patients(split, recipe, where))
    if (sides.size() == 1) single.emplace(patient, *sides.begin());
  return single;
}

}  // namespace

void verify_rows_and_sides(const Table& split, const std::vector<SplitRule>& rules,
                           const SplitManifest& manifest, const Review& review,
                           const std::string& where, Report& report) {
  std::map<std::string, std::string> found;  // side by ID
  const std::size_t id = require_columns(split, {"ID"}, where)[0];
  for (const auto& row : split.rows) found.emplace(to_text(row[id]), to_text(row.front()));
  std::set<std::string> left_out;
  for (const auto& [sample, verdict] : review)
    if (verdict.verdict == rejected && !found.contains(sample)) left_out.insert(sample);

  const auto kept = single_sides(split, manifest.recipe(), where);
  std::map<std::string, std::string> expected;
  for (const auto& [r, side] : put_on_sides(rules, manifest, left_out, kept).sides)
    expected.emplace(manifest.rows()[r].id, to_text(side));
  std::size_t wrong = 0;
  auto problem = [&](const std::string& what) {
    ++wrong;
    report.add(where, ProblemKind::split, what + "; make the split again");
  };
  std::set<std::string> known;
  for (const SplitRow& row : manifest.rows()) known.insert(row.id);
  for (const auto& [sample, side] : expected)
    if (!found.contains(sample))
      problem(fmt::format("does not list {}, which should be in it", sample));
  for (const auto& [sample, side] : found)
    if (known.contains(sample) && !expected.contains(sample))
      problem(fmt::format("lists {}, which should not be in it", sample));
  if (wrong > 0) return;  // with other rows the draw is another
  std::vector<std::string> differ;
  for (const auto& [sample, side] : expected)
    if (found.at(sample) != side)
      differ.push_back(
          fmt::format("{} is in {}, but should be in {}", sample, found.at(sample), side));
  if (!differ.empty())
    problem(fmt::format("does not have the subsets that its options and seed give: {}",
                        some_of(differ)));
}

}  // namespace nicohort
