#include "split/rows.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <tuple>

#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/layout.hpp"
#include "dataset/manifest.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Which columns say who a row is of.
class RowReader {
 public:
  RowReader(const Table& table, const Recipe& recipe, const std::string& file) {
    std::vector<std::string> columns = names_of(recipe.parts());
    columns.insert(columns.begin(), "ID");
    if (!table.find("ID") && table.find("file_path"))
      throw UsageError(
          fmt::format("{}: is the manifest of an archive, with a row for each file; splits are "
                      "made of the dataset's, which gen_dataset_manifest writes{}",
                      file, meant_manifest(file)));
    try {
      places_ = require_columns(table, columns, file);
    } catch (const UsageError& error) {
      if (table.rows.empty()) throw UsageError(fmt::format("{}: has no samples", file));
      throw UsageError(fmt::format("{} and the right recipe ({}); --recipe names another one",
                                   error.what(), recipe.source()));
    }
  }

  std::string id(const std::vector<Cell>& row) const { return to_text(row[places_[0]]); }
  PartValues parts(const std::vector<Cell>& row) const {
    PartValues values;
    for (std::size_t i = 1; i < places_.size(); ++i) values.push_back(to_text(row[places_[i]]));
    return values;
  }

 private:
  std::vector<std::size_t> places_;  // of the ID and the parts
};

// The columns whose cells are files of samples, whatever is in them.
std::set<std::string> columns_of_files(const Recipe& recipe) {
  std::set<std::string> names{"info", "mask"};
  for (const std::string& channel : recipe.channels().all()) names.insert(volume_column(channel));
  return names;
}

// Whether `/` stands nowhere between the names of folders, but `\` does.
bool has_backslashes(std::string_view path) {
  return path.find('\\') != std::string::npos && path.find('/') == std::string::npos;
}

// `{…}/{ID}/{ID}_…`
bool is_file_of(const std::string& id, std::string_view path) {
  const fs::path file(path);
  return file.parent_path().filename() == id && file.filename().string().starts_with(id + "_");
}

// Why the row cannot be right; empty if it can.
std::string fault_of(const std::string& id, const PartValues& parts, const Recipe& recipe,
                     const Table& table, const std::set<std::string>& columns_of_files,
                     const std::vector<Cell>& row) {
  const auto pid = recipe.part_index("pid");
  if (pid && parts[*pid].empty()) return "no pid";
  if (recipe.patient(parts).empty()) return "no patient";
  if (const std::string expected = recipe.sample_id(parts); id != expected)
    return fmt::format("the ID is `{}`, but {} make it `{}`", id,
                       fmt::join(names_of(recipe.parts()), ", "), expected);
  for (std::size_t i = 0; i < row.size(); ++i)
    if (const auto* path = std::get_if<Text>(&row[i]); path && !path->view().empty())
      if (const std::string& column = table.columns[i];
          (columns_of_files.contains(column) || is_file_of_column(column, path->view())) &&
          !is_file_of(id, *path))
        return has_backslashes(*path) ? "backslashes in paths, where a manifest has `/`"
                                      : fmt::format("`{}` is a file of another sample, {}",
                                                    table.columns[i], path->view());
  return "";
}

// `mask_01_EsoROI_existence`; not that of the background, or of a group of labels.
bool says_foreground(const std::string& column) {
  constexpr std::string_view begin = "mask_", end = "_existence";
  if (!column.starts_with(begin) || !column.ends_with(end)) return false;
  char* rest = nullptr;
  const char* const digits = column.c_str() + begin.size();
  return std::strtol(digits, &rest, 10) > 0 && rest > digits + 1 && *rest == '_';
}

bool has_mask(const Table& table, const std::vector<Cell>& row) {
  const auto mask = table.find("mask");
  return !mask || !is_empty(row[*mask]);
}

bool has_foreground(const Table& table, const std::vector<Cell>& row) {
  if (!has_mask(table, row)) return false;
  bool is_said = false;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (is_empty(row[i]) || !says_foreground(table.columns[i])) continue;
    if (to_text(row[i]) != "0") return true;
    is_said = true;
  }
  return !is_said;
}

// Parts are compared as text.
bool is_value(const std::string& value, const Cell& cell, bool is_part) {
  return is_part ? to_text(cell) == value : is_same_value(to_text(cell), value);
}

}  // namespace

void take_from_record(SplitRow& row, const SampleRecord& record) {
  if (!row.has_mask || !record.mask || !record.volume) return;
  std::int64_t voxels = 0;
  for (const auto& [label, count] : record.mask->voxels) voxels += count;
  const auto& spacing = record.volume->geometry.spacing;
  row.has_foreground = voxels > 0;
  row.volume = voxels * std::abs(spacing[0] * spacing[1] * spacing[2]);
}

SplitManifest::SplitManifest(const std::string& file, const Table& table, const Recipe& recipe,
                             std::string prefix)
    : file_(file), table_(table), recipe_(recipe), prefix_(std::move(prefix)) {
  const RowReader reader(table, recipe, file);
  RowFaults faults(table);
  std::map<std::string, std::size_t> known;
  const std::set<std::string> files = columns_of_files(recipe);
  for (std::size_t r = 0; r < table.rows.size(); ++r) {
    const auto& row = table.rows[r];
    const std::string id = reader.id(row);
    const PartValues parts = reader.parts(row);
    std::string fault = fault_of(id, parts, recipe, table, files, row);
    const auto [same, is_new] = known.emplace(id, r);
    if (fault.empty() && !is_new)
      fault = fmt::format("the ID `{}` of row {}", id, table.row_in_file(same->second));
    if (!fault.empty()) faults.add(r, fault);
    rows_.push_back({id, recipe.patient(parts), recipe.patient_values(parts), has_mask(table, row),
                     has_foreground(table, row)});
  }
  require(faults);
}

void SplitManifest::require(const RowFaults& faults) const {
  if (!faults.empty())
    throw UsageError(fmt::format(
        "{}: {}. Correct these rows, or write the manifest again with "
        "gen_dataset_manifest and its splits with make_split; for an archive of another recipe, "
        "give --recipe",
        file_, faults.text()));
}

std::string SplitManifest::option(const std::string& parameter) const {
  return prefix_.empty() ? "`" + parameter + "`" : prefix_ + parameter;
}

std::size_t SplitManifest::column(const std::string& name, const std::string& parameter) const {
  const auto column = table_.find(name);
  if (!column)
    throw UsageError(fmt::format("{} {}: {} has no such column; {}", option(parameter), name, file_,
                                 did_you_mean(name, table_.columns)));
  return *column;
}

std::vector<std::size_t> SplitManifest::fulfilling(const Condition& condition) const {
  std::vector<bool> fits(rows_.size(), true);
  for (const Condition::Wish& wish : condition.wishes) {
    const std::string& name = wish.column;
    const std::size_t place = column(name, "where");
    const bool is_part = recipe_.part_index(name).has_value();
    std::vector<bool> one_fits(rows_.size(), false);
    for (const std::string& value : wish.values) {
      bool is_known = false;
      for (std::size_t r = 0; r < rows_.size(); ++r)
        if (is_value(value, table_.rows[r][place], is_part)) one_fits[r] = is_known = true;
      if (is_known) continue;
      const auto shown = [](const std::string& text) { return text.empty() ? "(empty)" : text; };
      std::set<std::string> known;
      for (const auto& row : table_.rows) known.insert(shown(to_text(row[place])));
      throw UsageError(fmt::format(
          "{} {}: the manifest has no such {}; it has {}",
          name == "site" && !prefix_.empty() ? option("site") : option("where") + " " + name,
          shown(value), name, some_of({known.begin(), known.end()})));
    }
    for (std::size_t r = 0; r < rows_.size(); ++r) fits[r] = fits[r] && one_fits[r];
  }
  std::vector<std::size_t> rows;
  for (std::size_t r = 0; r < rows_.size(); ++r)
    if (fits[r]) rows.push_back(r);
  return rows;
}

std::vector<std::size_t> SplitManifest::rows_of(const SplitRule& rule,
                                                const std::set<std::string>& left_out) const {
  std::vector<std::size_t> rows = fulfilling(rule.where);
  std::erase_if(rows, [&](std::size_t r) {
    return left_out.contains(rows_[r].id) || (rule.require_mask && !rows_[r].has_foreground);
  });
  return rows;
}

SidesOfPatients sides_of_patients(const Table& split, const Recipe& recipe,
                                  const std::string& where) {
  const RowReader reader(split, recipe, where);
  SidesOfPatients sides;
  for (const auto& row : split.rows)
    sides[recipe.patient(reader.parts(row))].insert(to_text(row.front()));
  return sides;
}

std::vector<std::string> in_order(const std::set<std::string>& sides) {
  auto key = [](const std::string& side) {
    const std::vector<std::string> first{"train", "val", "test"};
    const auto rank = std::find(first.begin(), first.end(), side) - first.begin();
    const bool is_number =
        !side.empty() && side.find_first_not_of("0123456789") == std::string::npos;
    return std::tuple(rank, !is_number, is_number ? side.size() : 0, side);
  };
  std::vector<std::string> sorted(sides.begin(), sides.end());
  std::sort(sorted.begin(), sorted.end(),
            [&](const std::string& a, const std::string& b) { return key(a) < key(b); });
  return sorted;
}

}  // namespace nicohort
