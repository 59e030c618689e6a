#include "run/old_splits.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/layout.hpp"
#include "run/tables.hpp"
#include "split/found_index_manifests.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Reports a split some of whose rows are not in the manifest, or not as they are there.
void compare_with_manifest(const std::string& split, const Table& rows, const Table& manifest,
                           Report& report) {
  const auto id_of_split = rows.find("ID"), id = manifest.find("ID");
  if (!id_of_split || !id) return;  // a table of the user's own
  std::map<std::string, const std::vector<Cell>*> known;
  for (const auto& row : manifest.rows) known.emplace(to_text(row[*id]), &row);
  std::vector<std::pair<std::size_t, std::size_t>> columns;  // of both
  for (std::size_t i = 0; i < manifest.columns.size(); ++i)
    if (const auto place = rows.find(manifest.columns[i])) columns.emplace_back(*place, i);
  std::vector<std::string> old;
  for (const auto& row : rows.rows) {
    const auto expected = known.find(to_text(row[*id_of_split]));
    if (expected == known.end() || std::any_of(columns.begin(), columns.end(), [&](auto pair) {
          return row[pair.first] != (*expected->second)[pair.second];
        }))
      old.push_back(to_text(row[*id_of_split]));
  }
  if (old.empty()) return;
  const std::string which = rows.rows.size() == 1 ? "its only row is"
                                                  : fmt::format("{} of its {} {}", old.size(),
                                                                counted(rows.rows.size(), "row"),
                                                                old.size() == 1 ? "is" : "are");
  report.add(
      split, ProblemKind::split,
      fmt::format("was not made by this run, and {} not in the manifest as it is now, {} {}; "
                  "make it again with make_split and its index "
                  "manifests with extract_split_index_manifest, or remove its worksheet "
                  "and its index manifests",
                  which, old.size() == 1 ? "that of" : "for example that of", old.front()));
}

// Whether no folder of the file is a link, which a dataset of others might have out of itself.
bool is_below_without_links(const fs::path& file, const fs::path& dataset) {
  std::error_code error;
  return fs::weakly_canonical(file, error) ==
         fs::weakly_canonical(dataset, error) / file.lexically_relative(dataset);
}

// Whether nicohort wrote the file, and nobody has changed it.
bool is_as_listed(const fs::path& file, const fs::path& dataset, const DatasetFile& listed) {
  const auto known = listed.tables.find(file.lexically_relative(dataset).generic_string());
  return known != listed.tables.end() && is_below_without_links(file, dataset) &&
         sha256_of_file(file) == known->second;
}

}  // namespace

void tell_old_splits(const fs::path& root, const MadeSplits& made, Report& report) {
  const fs::path dataset = root / dataset_folder, manifest_file = root / dataset_manifest_path;
  FoundIndexManifests index_manifests(dataset / splits_folder, manifest_file, made.index_manifests);
  std::optional<Table> manifest;
  for (const std::string& sheet : sheet_names(manifest_file)) {
    const bool is_made = made.names.contains(sheet);
    if (sheet == "Manifest" || (is_made && index_manifests.size() == 0)) continue;
    try {
      const Table rows = read_table(manifest_file, sheet);
      if (rows.columns.empty() || rows.columns.front() != sheet) continue;  // the user's own
      index_manifests.compare_with(sheet, rows);
      if (is_made) continue;
      if (!manifest) manifest = read_table(manifest_file, "Manifest");
      compare_with_manifest(sheet, rows, *manifest, report);
    } catch (const BadInput& bad) {
      report.add(fmt::format("{}, worksheet {}", manifest_file.string(), sheet), bad.kind(),
                 bad.what());
    } catch (const UsageError&) {  // no table, such as notes: the user's own
    }
  }
  const DatasetFile listed = read_dataset_file(dataset);
  bool has_removed = false;
  for (const auto& [file, problem] : index_manifests.unknown()) report.add(problem);
  for (const auto& [file, problem] : index_manifests.differing()) {
    const std::string folder = file.parent_path().filename().string();
    const bool is_of_made =
        made.names.contains(folder) && file.parent_path().parent_path() == dataset / splits_folder;
    if (!is_of_made || !is_as_listed(file, dataset, listed)) {
      report.add(problem);
      continue;
    }
    if (::unlink(file.c_str()) != 0) throw_machine_error("remove", file);
    has_removed = true;
    report.listener().summary(fmt::format(
        "{} was removed: it no longer had the rows of the split {}.", file.string(), folder));
  }
  if (has_removed) list_table(manifest_file);  // and what is gone no more
}

}  // namespace nicohort
