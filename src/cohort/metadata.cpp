#include "cohort/metadata.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "cohort/below.hpp"
#include "cohort/column_names.hpp"
#include "cohort/manifest.hpp"
#include "cohort/pseudonym.hpp"
#include "table/grid.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// headers: what the columns are called in the file, also where two have one name.
std::optional<Table> read_metadata_file(const std::filesystem::path& root, const std::string& file,
                                        const Recipe& recipe, std::vector<std::string>& headers,
                                        Report& report) {
  try {
    require_below(root, root / file, "archive");
    Uncalculated uncalculated;
    Table table = read_table(root / file, recipe.metadata_sheet(), &uncalculated, &headers);
    if (uncalculated.formulas > 0)
      report.add(file,
                 fmt::format("has {} formula{} without a value, the first in {}, which count "
                             "as empty; open the workbook in Excel or LibreOffice and save it",
                             uncalculated.formulas, uncalculated.formulas == 1 ? "" : "s",
                             uncalculated.first_cell));
    return table;
  } catch (const BadInput& bad) {
    report.add(file, fmt::format("{}; the site's images get no metadata", bad.what()));
  } catch (const UsageError& error) {
    report.add(file, fmt::format("{}; the site's images get no metadata", error.what()));
  }
  return {};
}

// Where the columns of one workbook go in the columns of all. The key's goes nowhere.
std::vector<std::size_t> place_columns(const std::vector<std::string>& headers, std::size_t key,
                                       const std::string& file, std::vector<std::string>& columns,
                                       Report& report) {
  std::vector<std::string> others = headers;
  others.erase(others.begin() + static_cast<std::ptrdiff_t>(key));
  std::set<std::string> taken = own_names();
  taken.insert(headers[key]);
  others = free_names(std::move(others), taken);
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (i == key) {
      places.push_back(0);  // not used
      continue;
    }
    const std::string& name = others[i < key ? i : i - 1];
    if (name != headers[i])
      report.add(file, fmt::format("has a column `{}`, {}; it became `{}`: rename it", headers[i],
                                   own_names().contains(headers[i])
                                       ? "a name that nicohort uses for itself"
                                       : "as another column is called",
                                   name));
    auto at = std::find(columns.begin(), columns.end(), name);
    places.push_back(at - columns.begin());
    if (at == columns.end()) columns.push_back(name);
  }
  return places;
}

// A value of the manifest. Text that no worksheet takes is named and left out whole: half of it
// might say something else.
Cell manifest_cell(const Cell& cell, const std::string& file, const std::string& row,
                   const std::string& column, Report& report) {
  const std::string* text = std::get_if<std::string>(&cell);
  const std::size_t units = text ? utf16_length(*text) : 0;
  if (units <= max_cell_units) return cell;
  report.add(file, fmt::format("{}, `{}`: has {} characters, Excel takes {} in a cell; it was left "
                               "empty in the manifest: shorten it",
                               row, column, units, max_cell_units));
  return {};
}

// Says what does not match between the keys of one site's workbook and its patients.
void report_mismatch(const ArchiveNames& names, const std::string& site, const std::string& file,
                     const Recipe& recipe, const std::set<std::string>& keys,
                     const std::set<std::string>& pids, Report& report) {
  auto bare = [&](const std::string& pid) {
    return bare_identifier(names.original_pid(site, pid));
  };
  std::multimap<std::string, std::string> unmatched;  // pids by their text without leading zeros
  for (const std::string& pid : pids)
    if (!keys.contains(pid)) unmatched.emplace(bare(pid), pid);
  for (const std::string& key : keys) {
    if (pids.contains(key)) continue;
    auto lost = unmatched.find(bare(key));
    if (lost == unmatched.end()) {
      report.add(file, fmt::format("{} {} has no images; add them or remove the row",
                                   recipe.metadata_key(), key));
      continue;
    }
    report.add(
        file,
        fmt::format("{} {} matches the images of {} only without leading zeros and blanks; store "
                    "the column as text in the workbook: no metadata were taken for {}_{}",
                    recipe.metadata_key(), key, lost->second, site, lost->second));
    unmatched.erase(lost);
  }
  std::set<std::string> without;
  for (const auto& [text, pid] : unmatched) without.insert(pid);
  for (const std::string& pid : without)
    report.add(fmt::format("{}_{}", site, pid),
               fmt::format("has images but no metadata; add {} {} to {}", recipe.metadata_key(),
                           pid, file));
}

}  // namespace

std::string bare_identifier(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\n\r0"),
                    last = text.find_last_not_of(" \t\n\r");
  return first == std::string::npos ? "" : text.substr(first, last + 1 - first);
}

std::vector<Cell> Metadata::of(const Patient& patient) const {
  auto found = rows.find(patient);
  std::vector<Cell> cells = found == rows.end() ? std::vector<Cell>() : found->second;
  cells.resize(columns.size());
  return cells;
}

Metadata load_metadata(ArchiveNames& names, const Recipe& recipe, const std::set<Patient>& patients,
                       Report& report) {
  Metadata metadata;
  for (const std::string& site : recipe.sites()) {
    const std::string file = recipe.metadata_path(site);
    if (file.empty()) continue;  // the recipe knows of no metadata
    std::set<std::string> pids;
    for (const auto& [patient_site, pid] : patients)
      if (patient_site == site) pids.insert(pid);
    std::error_code error;
    if (!std::filesystem::exists(names.root() / file, error) && pids.empty()) continue;
    std::vector<std::string> headers;
    auto table = read_metadata_file(names.root(), file, recipe, headers, report);
    if (!table) continue;
    auto key_column = table->find(recipe.metadata_key());
    if (!key_column) {
      report.add(file, fmt::format("lacks the key column `{}`; the site's images get no metadata",
                                   recipe.metadata_key()));
      continue;
    }
    auto places = place_columns(headers, *key_column, file, metadata.columns, report);
    std::set<std::string> keys;
    for (std::size_t r = 0; r < table->rows.size(); ++r) {
      const auto& row = table->rows[r];
      const std::string pid = to_text(row[*key_column]);
      if (pid.empty()) {
        report.add(file,
                   fmt::format("data row {} has no {}; fill it in", r + 1, recipe.metadata_key()));
        continue;
      }
      const std::string key = names.present_pid(site, pid);
      if (!keys.insert(key).second) {
        report.add(file,
                   fmt::format("{} {} is there more than once; the first row was taken: remove the "
                               "others",
                               recipe.metadata_key(), key));
        continue;
      }
      auto& cells = metadata.rows[{site, key}];
      cells.resize(metadata.columns.size());
      for (std::size_t i = 0; i < row.size(); ++i)
        if (i != *key_column)
          cells[places[i]] =
              manifest_cell(names.has_pseudonyms() ? without_identifier(row[i], pid, key) : row[i],
                            file, recipe.metadata_key() + " " + key, headers[i], report);
    }
    report_mismatch(names, site, file, recipe, keys, pids, report);
  }
  return metadata;
}

}  // namespace nicohort
