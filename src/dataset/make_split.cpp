#include "dataset/make_split.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "dataset/review.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

void require_split_name(const SplitOptions& options, const Table& manifest) {
  if (std::string fault = sheet_name_fault(options.split_name); !fault.empty())
    throw UsageError(fmt::format("--split_name {}: {}", options.split_name, fault));
  if (lower_case(options.split_name) == lower_case(options.sheet_name))
    throw UsageError(
        fmt::format("--split_name {}: that is the manifest's own worksheet; choose another",
                    options.split_name));
  if (manifest.find(options.split_name))
    throw UsageError(
        fmt::format("--split_name {}: the manifest has a column of that name; choose another",
                    options.split_name));
}

Review require_review(const fs::path& file) {
  std::error_code error;
  if (!fs::is_regular_file(file, error))
    throw UsageError(fmt::format(
        "--exclude_rejected: {}: no such file; review the samples with nicohort view, or name the "
        "file of the review",
        file.string()));
  try {
    return read_review(file);
  } catch (const BadInput& bad) {
    throw UsageError(fmt::format("--exclude_rejected: {}: {}", bad.subject(), bad.what()));
  }
}

using Patient = std::pair<std::string, std::string>;  // site, pid

// The columns of the condition, and which rows fulfil it. Throws UsageError for a column, or a
// value, that the manifest does not have.
class Wanted {
 public:
  Wanted(const SplitOptions& options, const Table& manifest) : condition_(options.where) {
    for (const auto& wish : condition_.wishes) {
      const auto column = manifest.find(wish.column);
      if (!column)
        throw UsageError(
            fmt::format("{}: has no column `{}`", options.manifest_file.string(), wish.column));
      columns_[wish.column] = *column;
      std::set<std::string> known;
      for (const auto& row : manifest.rows) known.insert(to_text(row[*column]));
      for (const std::string& value : wish.values)
        if (!known.contains(value))
          throw UsageError(fmt::format("--{} {}: the manifest has no such {}; it has {}",
                                       wish.column, value, wish.column, fmt::join(known, ", ")));
    }
  }

  bool operator()(const std::vector<Cell>& row) const {
    return condition_.is_fulfilled(
        [&](const std::string& column) { return to_text(row[columns_.at(column)]); });
  }

 private:
  const Condition& condition_;
  std::map<std::string, std::size_t> columns_;
};

// The samples that the review rejects. Says how many of those wanted are left out.
std::set<std::string> rejected_samples(const SplitOptions& options, const Table& manifest,
                                       const Wanted& wanted, Report& report) {
  std::set<std::string> rejects;
  if (!options.review_file) return rejects;
  const Review review = require_review(*options.review_file);
  const auto columns = require_columns(manifest, {"ID"}, options.manifest_file.string());
  std::set<std::string> known;
  std::size_t count = 0;
  for (const auto& row : manifest.rows) {
    const std::string id = to_text(row[columns[0]]);
    known.insert(id);
    const auto verdict = review.find(id);
    if (verdict == review.end() || verdict->second.verdict != rejected) continue;
    rejects.insert(id);
    count += wanted(row);
  }
  for (const auto& [id, verdict] : review)
    if (!known.contains(id))
      report.add(options.split_name, ProblemKind::split,
                 fmt::format("the review {} contains {}, which is not in the manifest; correct the "
                             "ID or remove the row",
                             options.review_file->string(), id));
  report.listener().summary(fmt::format("{} left out: rejected in {}.", counted(count, "sample"),
                                        options.review_file->string()));
  return rejects;
}

// Rows of the manifest by patient, in the order that is shuffled.
std::map<Patient, std::vector<std::size_t>> group_rows(const SplitOptions& options,
                                                       const Table& manifest, const Wanted& wanted,
                                                       const std::set<std::string>& rejects) {
  const auto columns = require_columns(manifest, {"site", "pid"}, options.manifest_file.string());
  const std::size_t site = columns[0], pid = columns[1];
  const auto id = manifest.find("ID");
  std::map<Patient, std::vector<std::size_t>> groups;
  for (std::size_t r = 0; r < manifest.rows.size(); ++r) {
    const auto& row = manifest.rows[r];
    if (id && rejects.contains(to_text(row[*id]))) continue;
    if (wanted(row)) groups[{to_text(row[site]), to_text(row[pid])}].push_back(r);
  }
  return groups;
}

// A number for each patient's value in the stratifying column, numbers before text, each in order.
std::vector<std::size_t> strata_of(const SplitOptions& options, const Table& manifest,
                                   const std::map<Patient, std::vector<std::size_t>>& groups,
                                   Report& report) {
  if (options.stratify_by.empty()) return std::vector<std::size_t>(groups.size(), 0);
  auto column = manifest.find(options.stratify_by);
  if (!column)
    throw UsageError(
        fmt::format("--stratify_by {}: the manifest has no such column", options.stratify_by));
  std::vector<Cell> values;
  std::size_t without = 0;
  for (const auto& [patient, rows] : groups) {
    Cell value;
    for (std::size_t r : rows) {
      const Cell& cell = manifest.rows[r][*column];
      if (is_empty(cell) || cell == value) continue;
      if (!is_empty(value))
        throw UsageError(fmt::format(
            "--stratify_by {}: {}_{} has two values, {} and {}; correct the "
            "manifest",
            options.stratify_by, patient.first, patient.second, to_text(value), to_text(cell)));
      value = cell;
    }
    without += is_empty(value);
    values.push_back(std::move(value));
  }
  if (without > 0)
    report.add(options.split_name, ProblemKind::split,
               fmt::format("{} without a value in {}; these were divided as a group of their own: "
                           "fill in the values",
                           counted(without, "patient"), options.stratify_by));
  auto order = [](const Cell& cell) {
    const double* number = std::get_if<double>(&cell);
    return std::make_tuple(is_empty(cell) ? 0
                           : number       ? 1
                                          : 2,
                           number ? *number : 0.0, to_text(cell));
  };
  std::set<decltype(order(Cell()))> sorted;
  for (const Cell& value : values) sorted.insert(order(value));
  std::vector<std::size_t> strata;
  for (const Cell& value : values)
    strata.push_back(std::distance(sorted.begin(), sorted.find(order(value))));
  return strata;
}

void report_empty_sides(const SplitOptions& options,
                        const std::map<std::string, std::size_t>& patients, Report& report) {
  const auto [test, val] = options.ratios;
  const std::map<std::string, double> asked{
      {"test", test}, {"val", (1 - test) * val}, {"train", (1 - test) * (1 - val)}};
  for (const auto& [side, share] : asked)
    if (share > 0 && !patients.contains(side))
      report.add(
          options.split_name, ProblemKind::split,
          fmt::format(
              "no patient is in {}: there are too few patients for this ratio; change the ratios",
              side));
}

Table split_table(const SplitOptions& options, const Table& manifest,
                  const std::map<Patient, std::vector<std::size_t>>& groups,
                  const std::vector<std::string>& sides) {
  std::map<std::size_t, std::string> side_of_row;
  std::size_t group = 0;
  for (const auto& [patient, rows] : groups) {
    for (std::size_t r : rows) side_of_row[r] = sides[group];
    ++group;
  }
  Table table{{options.split_name}, {}};
  table.columns.insert(table.columns.end(), manifest.columns.begin(), manifest.columns.end());
  for (const auto& [r, side] : side_of_row) {
    auto& row = table.rows.emplace_back(std::vector<Cell>{side});
    row.insert(row.end(), manifest.rows[r].begin(), manifest.rows[r].end());
  }
  return table;
}

}  // namespace

fs::path review_beside(const fs::path& manifest_file) {
  return (manifest_file.parent_path() / ".." / "descriptor" / review_file).lexically_normal();
}

void make_split(const SplitOptions& options, Report& report) {
  for (double ratio : {options.ratios.test, options.ratios.val})
    if (!(ratio >= 0 && ratio <= 1))
      throw UsageError(fmt::format("ratio {} is not between 0 and 1", ratio));
  const std::string file = options.manifest_file.string();
  Table manifest = read_table(options.manifest_file, options.sheet_name);
  require_split_name(options, manifest);
  const Wanted wanted(options, manifest);
  auto groups =
      group_rows(options, manifest, wanted, rejected_samples(options, manifest, wanted, report));
  auto strata = strata_of(options, manifest, groups, report);
  auto sides = split_groups(strata, options.ratios, options.random_seed);
  std::map<std::string, std::size_t> patients;
  for (const std::string& side : sides) ++patients[side];
  report_empty_sides(options, patients, report);
  put_sheet(options.manifest_file,
            {options.split_name, split_table(options, manifest, groups, sides)});
  list_table(options.manifest_file);
  std::vector<std::string> parts;
  for (const char* side : {"train", "val", "test"})
    parts.push_back(fmt::format("{} {}", patients[side], side));
  report.listener().summary(fmt::format("{} divided in worksheet {} of {}: {}.",
                                        counted(groups.size(), "patient"), options.split_name, file,
                                        fmt::join(parts, ", ")));
  put_problems_among_others(report.problems(), problems_beside(options.manifest_file),
                            options.split_name);
}

}  // namespace nicohort
