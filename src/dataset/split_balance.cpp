#include "dataset/split_balance.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace nicohort {
namespace {

constexpr double mm3_in_cm3 = 1000;

std::string median_volume(std::vector<double> volumes) {
  if (volumes.empty()) return "-";
  std::sort(volumes.begin(), volumes.end());
  const std::size_t half = volumes.size() / 2;
  const double median =
      volumes.size() % 2 == 1 ? volumes[half] : (volumes[half - 1] + volumes[half]) / 2;
  return fmt::format("{:.1f}", median / mm3_in_cm3);
}

// A line break in a cell must not break the table.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return text;
}

}  // namespace

SplitBalance balance_of(const SplitPlan& plan, const SplitManifest& manifest,
                        const std::map<std::size_t, Cell>& sides,
                        const std::vector<SplitPatient>& drawn) {
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
  std::map<std::vector<std::string>, std::map<std::string, std::size_t>> strata;
  for (const SplitPatient& patient : drawn)
    if (!patient.stratum.empty()) ++strata[patient.stratum][patient.side];

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
  for (auto& [stratum, counts] : strata) {
    std::vector<std::string> values;
    for (const std::string& value : stratum) values.push_back(value.empty() ? "(empty)" : value);
    add(fmt::format("patients: {}", fmt::join(values, " / ")),
        [&, &counts = counts](const std::string& side) { return std::to_string(counts[side]); });
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
