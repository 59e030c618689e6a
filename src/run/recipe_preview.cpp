#include "run/recipe_preview.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/listener.hpp"
#include "base/near_miss.hpp"
#include "base/wording.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/manifest.hpp"
#include "run/tables.hpp"
#include "split/index_manifests.hpp"
#include "split/make_split.hpp"
#include "split/sides.hpp"

namespace nicohort {
namespace {

constexpr std::size_t most_examples = 3, most_kinds = 10;

// `site TJ, pid 0012`
std::string parts_text(const PartValues& values, const Recipe& recipe) {
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < values.size(); ++i)
    texts.push_back(
        fmt::format("{} {}", recipe.parts()[i].name, values[i].empty() ? "(none)" : values[i]));
  return fmt::format("{}", fmt::join(texts, ", "));
}

void preview_pattern(const std::string& what, const std::string& pattern,
                     const std::vector<std::pair<std::string, PartValues>>& files,
                     const Recipe& recipe, Listener& listener) {
  listener.summary(fmt::format("The {} pattern `{}` matches {}{}", what, pattern,
                               counted(files.size(), "file"), files.empty() ? "." : ":"));
  for (std::size_t i = 0; i < std::min(files.size(), most_examples); ++i)
    listener.summary(fmt::format("  {}: {}", files[i].first, parts_text(files[i].second, recipe)));
  if (files.size() > most_examples)
    listener.summary(fmt::format("  and {} more", files.size() - most_examples));
}

// The path with `#` for each number.
std::string kind_of(const std::string& path) {
  std::string kind;
  for (const char sign : path) {
    const bool is_digit = sign >= '0' && sign <= '9';
    if (!is_digit)
      kind += sign;
    else if (!kind.ends_with('#'))
      kind += '#';
  }
  return kind;
}

void preview_misfits(const std::vector<std::string>& paths, const std::string& what,
                     Listener& listener) {
  if (paths.empty()) return;
  std::map<std::string, std::vector<std::string>> kinds;
  for (const std::string& path : paths) kinds[kind_of(path)].push_back(path);
  std::vector<std::pair<std::size_t, std::string>> sorted;  // the most frequent kind first
  for (const auto& [kind, of_kind] : kinds) sorted.emplace_back(of_kind.size(), of_kind.front());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  listener.summary(fmt::format("{} {}:", counted(paths.size(), "file"), what));
  for (std::size_t i = 0; i < std::min(sorted.size(), most_kinds); ++i)
    listener.summary(sorted[i].first == 1
                         ? fmt::format("  {}", sorted[i].second)
                         : fmt::format("  {} such as {}", sorted[i].first, sorted[i].second));
  if (sorted.size() > most_kinds)
    listener.summary(fmt::format("  and files of {} more kinds", sorted.size() - most_kinds));
}

// A row of each of these samples in the archive manifest, by ID, as the dataset manifest would
// begin: that of a volume, or of the mask where the dataset keeps a sample whose volume is damaged.
Table samples_table(const Table& archive_manifest, const std::set<std::string>& ids,
                    const Recipe& recipe) {
  std::vector<std::string> needed = names_of(recipe.parts());
  needed.insert(needed.begin(), "type");
  const auto places = require_columns(archive_manifest, needed, "the archive manifest");
  std::map<std::string, std::vector<Cell>> rows;
  for (const auto& row : archive_manifest.rows) {
    PartValues values;
    for (std::size_t i = 1; i < places.size(); ++i) values.push_back(to_text(row[places[i]]));
    const std::string id = recipe.sample_id(values);
    if (!ids.contains(id)) continue;
    std::vector<Cell>& cells = rows[id];
    if (!cells.empty() && to_text(row[places[0]]) != "v3d") continue;
    cells.reserve(row.size() + 1);
    cells.assign(1, id);
    cells.insert(cells.end(), row.begin(), row.end());
  }
  Table table{archive_manifest.columns, {}};
  table.columns.insert(table.columns.begin(), "ID");
  for (auto& [id, cells] : rows) table.rows.push_back(std::move(cells));
  return table;
}

// A column by which the plan goes and that only the dataset manifest has; empty if there is none.
std::string later_column(const SplitPlan& plan, const Table& table) {
  auto is_later = [&](const std::string& column) {
    return is_taken_name(column) && !table.find(column);
  };
  for (const SplitRule& rule : plan.rules) {
    for (const Condition::Wish& wish : rule.where.wishes)
      if (is_later(wish.column)) return wish.column;
    for (const auto& [column, parameter] : columns_of(rule))
      if (is_later(column)) return column;
  }
  return {};
}

// What of the plan only the dataset, its review or its worksheet can say.
std::string not_considered(const SplitPlan& plan) {
  std::set<std::string> names;
  for (const SplitRule& rule : plan.rules) {
    if (rule.require_mask) names.insert("require_mask");
    if (rule.exclude_rejected) names.insert("exclude_rejected");
  }
  return names.empty() ? "" : fmt::format(", before {}", fmt::join(names, ", "));
}

void preview_split(const SplitPlan& plan, const SplitManifest& manifest, Report& report) {
  std::map<std::string, std::pair<std::size_t, std::set<std::string>>> of_sides;
  const SplitSides result = put_on_sides(plan.rules, manifest, {}, {});
  for (const auto& [r, side] : result.sides) {
    auto& [samples, patients] = of_sides[to_text(side)];
    ++samples;
    patients.insert(manifest.rows()[r].patient);
  }
  for (const std::string& what : result.problems) report.add(plan.name, ProblemKind::split, what);
  std::set<std::string> names;
  for (const auto& [side, of_side] : of_sides) names.insert(side);
  std::vector<std::string> texts;
  for (const std::string& side : in_order(names))
    texts.push_back(fmt::format("{} {} of {}", side, counted(of_sides[side].first, "sample"),
                                counted(of_sides[side].second.size(), "patient")));
  report.listener().summary(
      fmt::format("The split {} would have {}{}.", plan.name,
                  texts.empty() ? "no sample" : fmt::format("{}", fmt::join(texts, "; ")),
                  not_considered(plan)));
  if (!plan.keeps_sides()) require_subsets(plan.subsets, names, plan.name, "`subsets`");
}

// As far as they are known, the columns that the dataset manifest will have.
std::vector<std::string> dataset_columns(const Table& archive_manifest, const Recipe& recipe) {
  std::vector<std::string> columns = dataset_table({}).columns;
  const auto own = archive_columns(recipe);
  for (const std::string& column : archive_manifest.columns)
    if (recipe.part_index(column) || !is_among(column, own)) columns.push_back(column);
  return columns;
}

// Throws UsageError for values that no row has.
void require_values(const SplitRule& rule, const SplitManifest& manifest) {
  const Parts& parts = manifest.recipe().parts();
  bool is_known = true;
  for (const Condition::Wish& wish : rule.where.wishes) {
    const auto part = manifest.recipe().part_index(wish.column);
    if (!manifest.table().find(wish.column) || (part && parts[*part].has_values()))
      is_known = false;
    else
      manifest.fulfilling({{wish}});
  }
  if (!manifest.table().find(rule.by)) return;
  const auto part = manifest.recipe().part_index(rule.by);
  if (!part || !parts[*part].has_values())
    for (const std::string& what : unknown_values(rule, manifest)) throw UsageError(what);
  if (is_known) require_divided(rule, manifest);
}

}  // namespace

void require_splits(const Table& archive_manifest, const std::set<std::string>& ids,
                    const Recipe& recipe) {
  if (recipe.splits().empty()) return;
  const Table table = samples_table(archive_manifest, ids, recipe);
  if (table.rows.empty()) return;
  const auto columns = dataset_columns(archive_manifest, recipe);
  for (const SplitPlan& plan : recipe.splits()) {
    try {
      require_split_name(plan, "Manifest", columns);
      const SplitManifest manifest("the archive manifest", table, recipe, plan.prefix());
      for (const SplitRule& rule : plan.rules) require_values(rule, manifest);
    } catch (const UsageError& error) {
      throw UsageError(in_recipe(recipe, plan, error.what()) + ". Nothing was written.");
    }
  }
}

void preview_patterns(const std::vector<std::string>& images, const ArchiveNames& names,
                      const Recipe& recipe, Listener& listener) {
  const auto patterns = recipe.images().described();
  std::vector<std::vector<std::pair<std::string, PartValues>>> files(patterns.size());
  std::vector<std::string> ignored, misfits;
  for (const std::string& path : images) {
    const auto key = recipe.parse_image_path(path);
    if (!key) (recipe.ignores(names.path_of(path)) ? ignored : misfits).push_back(path);
    for (std::size_t i = 0; key && i < patterns.size(); ++i)
      if (patterns[i].is_mask == key->is_mask && patterns[i].channel == key->channel)
        files[i].emplace_back(path, key->parts);
  }
  for (std::size_t i = 0; i < patterns.size(); ++i)
    preview_pattern(patterns[i].what, patterns[i].pattern, files[i], recipe, listener);
  preview_misfits(misfits, "matched by no pattern", listener);
  preview_misfits(ignored, "left out by `ignore`", listener);
}

void preview_splits(const Table& archive_manifest, const std::set<std::string>& ids,
                    const Recipe& recipe, const std::set<std::string>& there, Report& report) {
  if (recipe.splits().empty()) return;
  const Table table = samples_table(archive_manifest, ids, recipe);
  if (table.rows.empty()) return;  // which is told
  const auto columns = dataset_columns(archive_manifest, recipe);
  for (const SplitPlan& plan : recipe.splits()) {
    try {
      require_split_name(plan, "Manifest", columns);
      if (const std::string column = later_column(plan, table); !column.empty())
        report.listener().summary(fmt::format(
            "The split {} uses the column `{}`, whose values are known only after the samples are "
            "made.",
            plan.name, column));
      else if (plan.keeps_sides() && there.contains(plan.name))
        report.listener().summary(fmt::format(
            "The split {} has keep_sides: the patients in its worksheet keep their subset, and "
            "only new ones are drawn.",
            plan.name));
      else
        preview_split(plan, SplitManifest("the archive manifest", table, recipe, plan.prefix()),
                      report);
    } catch (const UsageError& error) {
      report.add(plan.name, ProblemKind::split, in_recipe(recipe, plan, error.what()));
    }
  }
}

}  // namespace nicohort
