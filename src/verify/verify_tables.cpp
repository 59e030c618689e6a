#include "verify/verify_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "dataset/manifest.hpp"
#include "split/found_index_manifests.hpp"
#include "split/rows.hpp"
#include "split/sides.hpp"
#include "table/table_file.hpp"
#include "verify/verify_split.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr const char* id_column = "ID";

using RowsById = std::map<std::string, const std::vector<Cell>*>;

// Reports IDs that come twice; `where` names the table.
RowsById rows_by_id(const Table& table, std::size_t id, const std::string& where, Report& report) {
  RowsById rows;
  for (const auto& row : table.rows)
    if (!rows.emplace(to_text(row[id]), &row).second)
      report.add(where, ProblemKind::table,
                 fmt::format("lists {} twice; write it again", to_text(row[id])));
  return rows;
}

// `7`, or the number `7` where the text `7` is meant.
std::string text_beside(const Cell& cell, const Cell& other) {
  std::string text = fmt::format("`{}`", to_text(cell));
  if (to_text(cell) != to_text(other)) return text;
  return (std::holds_alternative<double>(cell) ? "the number "
          : std::holds_alternative<Text>(cell) ? "the text "
                                               : "the value ") +
         text;
}

// Compares rows of the same ID in the columns of `expected`; says for each row which differ.
void compare_rows(const Table& expected, const RowsById& expected_rows, const Table& found,
                  const RowsById& found_rows, const std::string& where, const std::string& truth,
                  Report& report) {
  std::vector<std::pair<std::size_t, std::size_t>> columns;  // in expected, in found
  for (std::size_t i = 0; i < expected.columns.size(); ++i) {
    if (auto place = found.find(expected.columns[i]))
      columns.emplace_back(i, *place);
    else
      report.add(where, ProblemKind::table,
                 fmt::format("does not have the column {}; write it again", expected.columns[i]));
  }
  for (const auto& [id, row] : found_rows) {
    auto expected_row = expected_rows.find(id);
    if (expected_row == expected_rows.end()) continue;
    std::vector<std::string> differ;
    for (auto [i, place] : columns)
      if ((*expected_row->second)[i] != (*row)[place])
        differ.push_back(fmt::format("{} is {}, but should be {}", expected.columns[i],
                                     text_beside((*row)[place], (*expected_row->second)[i]),
                                     text_beside((*expected_row->second)[i], (*row)[place])));
    if (!differ.empty())
      report.add(where, ProblemKind::table,
                 fmt::format("differs for {} from {}: {}; write it again", id, truth,
                             fmt::join(differ, ", ")));
  }
}

void verify_manifest(const Table& manifest, const RowsById& rows, const std::string& where,
                     const Table& expected, Report& report) {
  const RowsById expected_rows = rows_by_id(expected, 0, "dataset", report);
  for (const auto& [id, row] : rows)
    if (!expected_rows.contains(id))
      report.add(
          where, ProblemKind::table,
          fmt::format("lists {}, whose files are missing, damaged or changed; restore them, or "
                      "write the manifest and its splits again without the sample",
                      id));
  for (const auto& [id, row] : expected_rows)
    if (!rows.contains(id))
      report.add(where, ProblemKind::table,
                 fmt::format("does not list {}, which has a folder; write it again with "
                             "gen_dataset_manifest, or move the folder out of the dataset",
                             id));
  compare_rows(expected, expected_rows, manifest, rows, where, "its files", report);
}

struct Split {
  std::string name;
  Table table;
};

// What the checks of a split compare it with.
struct SplitTruth {
  const Table& manifest;
  const RowsById& rows;
  const TableTruth& dataset;
  const SplitManifest* believed;  // null if neither the manifest nor the files can be
};

// The ID, then the recipe's parts.
std::vector<std::size_t> key_columns(const Table& table, const Recipe& recipe,
                                     const std::string& where) {
  std::vector<std::string> columns = names_of(recipe.parts());
  columns.insert(columns.begin(), id_column);
  return require_columns(table, columns, where);
}

// A split of which nothing is known but its rows: one of train, val and test, of whole sites.
void verify_unplanned(const RowsById& rows,
                      const std::map<std::string, std::set<std::string>>& sides,
                      const SplitTruth& truth, const std::string& where, Report& report) {
  for (const auto& [patient, of_patient] : sides)
    for (const std::string& side : of_patient)
      if (side != "train" && side != "val" && side != "test")
        report.add(where, ProblemKind::split,
                   fmt::format("has the subset `{}`, which is not train, val or test; make "
                               "the split again",
                               side));
  auto is_rejected = [&](const std::string& id) {
    auto verdict = truth.dataset.review.find(id);
    return verdict != truth.dataset.review.end() && verdict->second.verdict == rejected;
  };
  const auto site = truth.dataset.recipe.part_index("site");
  if (!site) return;
  const std::size_t column = key_columns(truth.manifest, truth.dataset.recipe, where)[1 + *site];
  std::set<std::string> sites;
  for (const auto& [id, row] : rows)
    if (const auto known = truth.rows.find(id); known != truth.rows.end())
      sites.insert(to_text((*known->second)[column]));
  for (const auto& [id, row] : truth.rows)
    if (sites.contains(to_text((*row)[column])) && !rows.contains(id) && !is_rejected(id))
      report.add(where, ProblemKind::split,
                 fmt::format("does not list {}, which is in its sites; make the split again", id));
}

void verify_split(const Split& split, const SplitTruth& truth, const std::string& where,
                  Report& report) {
  const Recipe& recipe = truth.dataset.recipe;
  const auto columns = key_columns(split.table, recipe, where);
  const RowsById rows = rows_by_id(split.table, columns[0], where, report);
  std::map<std::string, std::set<std::string>> sides;  // by patient
  for (const auto& row : split.table.rows) {           // also those of an ID that comes twice
    PartValues parts;
    for (std::size_t i = 1; i < columns.size(); ++i) parts.push_back(to_text(row[columns[i]]));
    const auto known = truth.dataset.patients.find(to_text(row[columns[0]]));
    const std::string patient =
        known == truth.dataset.patients.end() ? recipe.patient(parts) : known->second;
    sides[patient].insert(is_empty(row.front()) ? "(empty)" : to_text(row.front()));
  }
  for (const auto& [id, row] : rows)
    if (!truth.rows.contains(id))
      report.add(where, ProblemKind::split,
                 fmt::format("lists {}, which is not in the manifest; make the split again", id));
  const auto plan = truth.dataset.plans.find(split.name);
  const std::string by = plan == truth.dataset.plans.end() ? "" : columns_of_sides(plan->second);
  for (const auto& [patient, of_patient] : sides)
    if (of_patient.size() > 1)
      report.add(where, ProblemKind::split,
                 fmt::format("has the patient {} in {}; {}", patient,
                             fmt::join(in_order(of_patient), " and "),
                             by.empty() ? "make the split again"
                                        : fmt::format("correct {}, which says the subsets, or draw "
                                                      "them instead",
                                                      by)));
  if (plan == truth.dataset.plans.end()) verify_unplanned(rows, sides, truth, where, report);
  compare_rows(truth.manifest, truth.rows, split.table, rows, where, "the manifest", report);
  if (plan != truth.dataset.plans.end() && truth.believed)
    verify_rows_and_sides(split.table, plan->second, *truth.believed, truth.dataset.review, where,
                          report);
}

// Runs `work` on a table; what it finds wrong becomes a problem.
template <class Work>
void reporting(const fs::path& table, const std::string& where, Report& report, Work&& work) {
  try {
    work();
  } catch (const BadInput& bad) {
    report.add(problem_of(bad, where));
  } catch (const UsageError& wrong) {
    report.add(problem_of(wrong, table, where));
  }
}

}  // namespace

VerifiedTables verify_tables(const TablePlaces& places, Table expected, const TableTruth& truth,
                             Report& report) {
  VerifiedTables verified;
  const std::string where = places.manifest_file.string();
  reporting(places.manifest_file, where, report, [&] {
    const ReadTable read = read_table_file(places.manifest_file, places.sheet_name);
    const Table& manifest = read.table;
    if (const std::string what = text_of(read.without_value); !what.empty())
      report.add(where, ProblemKind::table, what);
    const auto id = key_columns(manifest, truth.recipe, where)[0];
    const RowsById rows = rows_by_id(manifest, id, where, report);
    verify_manifest(manifest, rows, where, expected, report);
    std::optional<SplitManifest> believed;
    if (!truth.plans.empty())
      reporting(places.manifest_file, where, report,
                [&] { believed.emplace(where, manifest, truth.recipe, ""); });
    if (believed || truth.plans.empty()) {
      expected = {};                      // with many samples much memory,
      malloc_trim(0);                     // in small pieces
    } else if (!expected.rows.empty()) {  // a bad row is no reason not to look at the splits
      reporting(places.manifest_file, where, report,
                [&] { believed.emplace("dataset", expected, truth.recipe, ""); });
    }
    if (believed)
      for (SplitRow& row : believed->rows())
        if (const auto record = readable_record(truth.dataset, row.id))
          take_from_record(row, *record);
    FoundIndexManifests index_manifests(places.index_manifests, places.manifest_file);
    for (const std::string& sheet : sheet_names(places.manifest_file)) {
      if (sheet == places.sheet_name) continue;
      const std::string place = fmt::format("{}, worksheet {}", where, sheet);
      reporting(places.manifest_file, place, report, [&] {
        Table table = read_table(places.manifest_file, sheet);
        if (table.columns.empty() || table.columns.front() != sheet) {
          if (truth.plans.contains(sheet))  // else the user's own
            report.add(
                place, ProblemKind::split,
                fmt::format("does not have the column {} first; make the split again", sheet));
          return;
        }
        ++verified.splits;
        const Split split{sheet, std::move(table)};
        index_manifests.compare_with(split.name, split.table);
        verify_split(split, {manifest, rows, truth, believed ? &*believed : nullptr}, place,
                     report);
      });
    }
    verified.index_manifests = index_manifests.size();
    for (const auto& wrong : {index_manifests.differing(), index_manifests.unknown()})
      for (const auto& [file, problem] : wrong) report.add(problem);
  });
  return verified;
}

}  // namespace nicohort
