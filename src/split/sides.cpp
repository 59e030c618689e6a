#include "split/sides.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/wording.hpp"
#include "split/draw.hpp"

namespace nicohort {
namespace {

std::string stratum_name(const std::vector<std::string>& stratum) {
  std::vector<std::string> values;
  for (const std::string& value : stratum) values.push_back(value.empty() ? "(empty)" : value);
  return fmt::format("{}", fmt::join(values, " / "));
}

// The value that a column has for a patient. Empty cells say nothing beside others.
std::string value_of(const SplitPatient& patient, const SplitManifest& manifest,
                     std::size_t column) {
  const Table& table = manifest.table();
  std::string value;
  for (std::size_t r : patient.rows) {
    const std::string text = to_text(table.rows[r][column]);
    if (text.empty() || text == value) continue;
    if (!value.empty())
      throw UsageError(fmt::format(
          "{} {}: {} has two values, {} and {}; all samples of a patient "
          "need the same one: correct it, or use another column",
          manifest.option("stratify_by"), table.columns[column], patient.name, value, text));
    value = text;
  }
  return value;
}

// A number for the stratum of each patient. Says what was pooled.
std::vector<std::size_t> strata_of(const SplitRule& rule, const SplitManifest& manifest,
                                   const std::vector<SplitPatient>& patients, SplitSides& result) {
  std::vector<std::size_t> columns;
  for (const std::string& name : rule.stratify_by)
    columns.push_back(manifest.column(name, "stratify_by"));
  std::vector<std::vector<std::string>> values;  // of each patient
  std::map<std::vector<std::string>, std::size_t> numbers;
  for (const SplitPatient& patient : patients) {
    values.emplace_back();
    for (std::size_t column : columns) values.back().push_back(value_of(patient, manifest, column));
    numbers[values.back()];
  }
  std::size_t next = 0;
  for (auto& [stratum, number] : numbers) number = next++;
  std::vector<std::size_t> strata;
  for (const auto& of_patient : values) strata.push_back(numbers[of_patient]);
  const std::size_t sides = drawn_sides(rule).size();
  const std::set<std::size_t> pooled = pool_small(strata, sides);
  if (pooled.empty()) return strata;
  std::vector<std::string> names;
  for (const auto& [stratum, number] : numbers)
    if (pooled.contains(number)) names.push_back(stratum_name(stratum));
  result.told.push_back(
      fmt::format("Strata with fewer patients than the {} subsets were combined into one: {}.",
                  sides, some_of(names)));
  return strata;
}

std::string kept_side(const SplitRule& rule, const SplitManifest& manifest,
                      const std::string& patient, const std::map<std::string, std::string>& kept) {
  const auto found = kept.find(patient);
  if (found == kept.end()) return "";
  const std::vector<std::string> shared = drawn_sides(rule);
  auto is_among = [&](const std::vector<std::string>& sides) {
    return std::find(sides.begin(), sides.end(), found->second) != sides.end();
  };
  // Without a share, too: the side was drawn by other ratios.
  if (is_among(shared)) return found->second;
  if (rule.by.empty() &&
      is_among(rule.folds > 0 ? std::vector<std::string>{"test"}
                              : std::vector<std::string>{"train", "val", "test"}))
    return found->second;
  if (!rule.by.empty()) return "";  // the column had put the patient elsewhere
  throw UsageError(
      fmt::format("{0}: in the existing worksheet the patient {1} is in `{2}`, which is not a "
                  "subset of the split now; make the split without {0}",
                  manifest.option("keep_sides"), patient, found->second));
}

void draw(const SplitRule& rule, const SplitManifest& manifest,
          const std::vector<std::size_t>& rows, const std::map<std::string, std::string>& kept,
          SplitSides& result) {
  const std::vector<SplitPatient> patients = patients_of(manifest, rows);
  const std::vector<std::size_t> strata = strata_of(rule, manifest, patients, result);
  std::vector<std::string> keeping;
  for (const SplitPatient& patient : patients)
    keeping.push_back(rule.keep_sides ? kept_side(rule, manifest, patient.name, kept) : "");
  const SplitShares shares{rule.test_ratio, rule.val_ratio, rule.folds};
  const auto sides = split_groups(strata, shares, rule.random_seed, keeping);
  std::set<std::string> present;
  for (std::size_t i = 0; i < sides.size(); ++i) {
    present.insert(sides[i]);
    const bool is_fold = rule.folds > 0 && sides[i] != "test";
    const Cell cell = is_fold ? Cell(double(std::stoi(sides[i]))) : Cell(sides[i]);
    for (std::size_t r : patients[i].rows) result.sides[r] = cell;
  }
  for (const std::string& side : drawn_sides(rule)) {
    if (present.contains(side)) continue;
    const auto fresh = split_groups(strata, shares, rule.random_seed);
    if (std::find(fresh.begin(), fresh.end(), side) != fresh.end())
      result.problems.push_back(fmt::format(
          "no patient is in {0}: with {1} {2} of the {3} patients keep their subset, and too few "
          "are new; make the split once without {1}",
          side, manifest.option("keep_sides"),
          std::count_if(keeping.begin(), keeping.end(),
                        [](const auto& own) { return !own.empty(); }),
          patients.size()));
    else
      result.problems.push_back(fmt::format(
          "no patient is in {}: there are too few patients for this ratio; change the {}", side,
          rule.folds > 0 ? "number of folds" : "ratios"));
  }
}

// What a value of the column means.
Cell side_of(const Cell& value, const SplitRule& rule) {
  const auto renamed = rule.renamed.find(to_text(value));
  return renamed == rule.renamed.end() ? value : Cell(renamed->second);
}

SplitSides sides_by_rule(const SplitRule& rule, const SplitManifest& manifest,
                         const std::vector<std::size_t>& rows,
                         const std::map<std::string, std::string>& kept) {
  SplitSides result;
  const bool leaves_out = !rule.leave_out.empty();
  if (rule.by.empty() && !leaves_out) {
    draw(rule, manifest, rows, kept, result);
    return result;
  }
  const std::string& name = leaves_out ? rule.leave_out : rule.by;
  const std::size_t column = manifest.column(name, leaves_out ? "leave_out" : "by");
  std::vector<std::size_t> again;
  for (std::size_t r : rows) {
    const Cell& cell = manifest.table().rows[r][column];
    const std::string text = to_text(cell);
    if (text.empty()) {
      result.problems.push_back(
          fmt::format("{} has no value in `{}`, which gives the subset, and was left out; fill it "
                      "in",
                      manifest.rows()[r].id, name));
      continue;
    }
    const Cell side = side_of(cell, rule);
    if (!rule.divide.empty() && to_text(side) == rule.divide)
      again.push_back(r);
    else
      result.sides[r] = side;
  }
  for (std::string& what : unknown_values(rule, manifest))
    result.problems.push_back(std::move(what));
  if (!rule.divide.empty()) {
    require_divided(rule, manifest);
    draw(rule, manifest, again, kept, result);
  }
  return result;
}

// A draw divides nobody; a column can, and so can several rules.
void tell_divided(const SplitManifest& manifest, const std::vector<SplitRule>& rules,
                  SplitSides& result) {
  const std::string columns = columns_of_sides(rules);
  const std::string by = columns.empty() ? "" : ", by " + columns;
  const std::string correct = columns.empty()    ? "the conditions of the parts"
                              : rules.size() > 1 ? "it, or the conditions of the parts"
                                                 : "it, or draw the subsets";
  for (const std::string& divided : divided_patients(sides_of(manifest, result.sides)))
    result.problems.push_back(
        fmt::format("{}{}; the split was written all the same: correct {}", divided, by, correct));
}

}  // namespace

std::vector<std::string> unknown_values(const SplitRule& rule, const SplitManifest& manifest) {
  std::vector<std::string> unknown;
  if (rule.renamed.empty()) return unknown;
  const std::size_t column = manifest.column(rule.by, "by");
  std::set<std::string> known;
  for (const auto& row : manifest.table().rows)
    if (!is_empty(row[column])) known.insert(to_text(row[column]));
  for (const auto& [value, side] : rule.renamed)
    if (!known.contains(value))
      unknown.push_back(
          fmt::format("`values` of {} has `{}`, which is in no row of `{}`: it has {}; correct it",
                      side, value, rule.by, some_of({known.begin(), known.end()})));
  return unknown;
}

void require_divided(const SplitRule& rule, const SplitManifest& manifest) {
  if (rule.divide.empty()) return;
  const std::size_t column = manifest.column(rule.by, "by");
  std::set<std::string> sides;
  for (std::size_t r : manifest.fulfilling(rule.where))
    if (const Cell& cell = manifest.table().rows[r][column]; !is_empty(cell))
      sides.insert(to_text(side_of(cell, rule)));
  if (!sides.contains(rule.divide))
    throw UsageError(fmt::format("{} {}: `{}` has no such subset; it has {}",
                                 manifest.option("divide"), rule.divide, rule.by,
                                 some_of({sides.begin(), sides.end()})));
}

std::vector<SplitPatient> patients_of(const SplitManifest& manifest,
                                      const std::vector<std::size_t>& rows) {
  std::map<std::string, std::vector<std::size_t>> by_name;
  for (std::size_t r : rows) by_name[manifest.rows()[r].patient].push_back(r);
  std::map<std::pair<std::vector<std::string>, std::string>, SplitPatient> sorted;
  for (auto& [name, of_patient] : by_name) {
    std::vector<std::string> values = manifest.rows()[of_patient.front()].patient_values;
    for (std::size_t r : of_patient) values = std::min(values, manifest.rows()[r].patient_values);
    sorted[{values, name}] = {name, of_patient};
  }
  std::vector<SplitPatient> patients;
  for (auto& [key, patient] : sorted) patients.push_back(std::move(patient));
  return patients;
}

SplitSides put_on_sides(const std::vector<SplitRule>& rules, const SplitManifest& manifest,
                        const std::set<std::string>& rejects,
                        const std::map<std::string, std::string>& kept) {
  const std::set<std::string> nobody_left_out;
  SplitSides all;
  for (const SplitRule& rule : rules) {
    const auto& left_out = rule.exclude_rejected ? rejects : nobody_left_out;
    const auto rows = manifest.rows_of(rule, left_out);
    if (rule.require_mask) {
      SplitRule lenient = rule;
      lenient.require_mask = false;
      const std::size_t without = manifest.rows_of(lenient, left_out).size() - rows.size();
      all.told.push_back(
          fmt::format("{} left out: no mask, or an empty one.", counted(without, "sample")));
    }
    SplitSides of_rule = sides_by_rule(rule, manifest, rows, kept);
    for (const auto& [r, side] : of_rule.sides)
      if (!all.sides.emplace(r, side).second)
        throw UsageError(
            fmt::format("`parts`: {} is in two of them; make their conditions `where` "
                        "exclude each other",
                        manifest.rows()[r].id));
    std::move(of_rule.told.begin(), of_rule.told.end(), std::back_inserter(all.told));
    std::move(of_rule.problems.begin(), of_rule.problems.end(), std::back_inserter(all.problems));
  }
  tell_divided(manifest, rules, all);
  return all;
}

std::vector<std::string> divided_patients(const SidesOfPatients& patients) {
  std::vector<std::string> divided;
  for (const auto& [patient, sides] : patients)
    if (sides.size() > 1)
      divided.push_back(
          fmt::format("patient {} is in {}", patient, fmt::join(in_order(sides), " and ")));
  return divided;
}

std::string columns_of_sides(const std::vector<SplitRule>& rules) {
  std::set<std::string> columns;
  for (const SplitRule& rule : rules)
    for (const std::string& column : {rule.by, rule.leave_out})
      if (!column.empty()) columns.insert("`" + column + "`");
  if (columns.empty()) return "";
  return fmt::format("the column{} {}", columns.size() == 1 ? "" : "s", fmt::join(columns, ", "));
}

SidesOfPatients sides_of(const SplitManifest& manifest, const std::map<std::size_t, Cell>& sides) {
  SidesOfPatients by_patient;
  for (const auto& [r, side] : sides) by_patient[manifest.rows()[r].patient].insert(to_text(side));
  return by_patient;
}

}  // namespace nicohort
