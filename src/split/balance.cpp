#include "split/balance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/median.hpp"

namespace nicohort {
namespace {

constexpr double mm3_in_cm3 = 1000;

std::string median_volume(const std::vector<double>& volumes) {
  return volumes.empty() ? "-" : fmt::format("{:.1f}", median_of(volumes) / mm3_in_cm3);
}

// A line break in a cell must not break the table.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

// The first value of each of these columns that a patient has.
std::vector<std::string> stratum_of(const SplitPatient& patient, const Table& table,
                                    const std::vector<std::size_t>& columns) {
  std::vector<std::string> stratum(columns.size());
  for (const std::size_t r : patient.rows)
    for (std::size_t i = 0; i < columns.size(); ++i)
      if (stratum[i].empty()) stratum[i] = to_text(table.rows[r][columns[i]]);
  return stratum;
}

using Strata = std::map<std::vector<std::string>, std::map<std::string, std::size_t>>;

// How many patients of each stratum are on each side, whether they were drawn or a column says it.
Strata strata_of(const SplitPlan& plan, const SplitManifest& manifest,
                 const std::map<std::size_t, Cell>& sides) {
  Strata strata;
  for (const SplitRule& rule : plan.rules) {
    if (rule.stratify_by.empty()) continue;
    std::vector<std::size_t> columns;
    for (const std::string& name : rule.stratify_by)
      columns.push_back(manifest.column(name, "stratify_by"));
    std::vector<std::size_t> rows = manifest.rows_of(rule, {});
    std::erase_if(rows, [&](std::size_t r) { return !sides.contains(r); });
    for (const SplitPatient& patient : patients_of(manifest, rows)) {
      std::set<std::string> of_patient;
      for (const std::size_t r : patient.rows) of_patient.insert(to_text(sides.at(r)));
      auto& counts = strata[stratum_of(patient, manifest.table(), columns)];
      for (const std::string& side : of_patient) ++counts[side];
    }
  }
  return strata;
}

}  // namespace

SplitBalance balance_of(const SplitPlan& plan, const SplitManifest& manifest,
                        const std::map<std::size_t, Cell>& sides) {
  SplitBalance balance;
  std::map<std::string, std::size_t> patients, samples;
  std::map<std::string, std::vector<double>> volumes;
  std::set<std::string> present;
  for (const SplitRule& rule : plan.rules)
    if (rule.draws())
      for (const std::string& side : drawn_sides(rule)) present.insert(side);
  for (const auto& [patient, of_patient] : sides_of(manifest, sides)) {
    ++balance.all_patients;
    for (const std::string& side : of_patient) ++patients[side];
  }
  for (const auto& [r, cell] : sides) {
    const std::string side = to_text(cell);
    present.insert(side);
    ++samples[side];
    if (const auto& volume = manifest.rows()[r].volume; volume && *volume > 0)
      volumes[side].push_back(*volume);
  }
  const std::vector<std::string> order = in_order(present);
  auto add = [&](const std::string& name, auto&& figure) {
    std::vector<std::string> figures;
    for (const std::string& side : order) figures.push_back(figure(side));
    balance.lines.emplace_back(on_one_line(name), figures);
  };
  for (const std::string& side : order) balance.patients.emplace_back(side, patients[side]);
  add("", [](const std::string& side) { return on_one_line(side); });
  add("patients", [&](const std::string& side) { return std::to_string(patients[side]); });
  add("samples", [&](const std::string& side) { return std::to_string(samples[side]); });
  for (const auto& [stratum, counts] : strata_of(plan, manifest, sides)) {
    std::vector<std::string> values;
    for (const std::string& value : stratum) values.push_back(value.empty() ? "(empty)" : value);
    add(fmt::format("patients: {}", fmt::join(values, " / ")),
        [&counts = counts](const std::string& side) {
          const auto known = counts.find(side);
          return std::to_string(known == counts.end() ? 0 : known->second);
        });
  }
  if (!volumes.empty())
    add("mask volume (median, cm³)",
        [&](const std::string& side) { return median_volume(volumes[side]); });
  return balance;
}

std::string text_of(const SplitBalance& balance) {
  std::size_t width = 0;
  for (const auto& [name, figures] : balance.lines) width = std::max(width, name.size());
  std::vector<std::string> lines;
  for (const auto& [name, figures] : balance.lines) {
    std::string line = fmt::format("  {:<{}}", name, width);
    for (std::size_t i = 0; i < figures.size(); ++i)
      line += fmt::format("  {:>{}}", figures[i],
                          std::max<std::size_t>(balance.lines.front().second[i].size(), 6));
    lines.push_back(line);
  }
  return fmt::format("{}", fmt::join(lines, "\n"));
}

}  // namespace nicohort
