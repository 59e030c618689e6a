#include "archive/metadata_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/near_miss.hpp"
#include "dataset/column_names.hpp"
#include "dataset/manifest.hpp"

namespace nicohort {

std::optional<std::size_t> place_of(const std::string& name,
                                    const std::vector<std::string>& names) {
  const auto at = std::find(names.begin(), names.end(), name);
  return at == names.end() ? std::nullopt : std::optional<std::size_t>(at - names.begin());
}

MetadataColumns::MetadataColumns(const Recipe& recipe, MetadataProblems& problems)
    : problems_(problems), own_(own_names(recipe)) {}

void MetadataColumns::begin(const MetadataTable& table) {
  table_ = &table;
  places_.clear();
  renamed_.clear();
  std::vector<std::string> names;
  for (const MetadataTable::Column& column : table.columns) names.push_back(column.name);
  names = free_names(std::move(names), own_);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& wanted = table.columns[i].name;
    if (names[i] != wanted)
      problems_.report().add(
          table.file.text(), ProblemKind::metadata,
          fmt::format("`columns` of the recipe has `{}`, which is a name that nicohort uses "
                      "itself; it was renamed to `{}`: give it another name there",
                      wanted, names[i]));
    places_.push_back(place(names[i]));
  }
}

bool MetadataColumns::can_have(const std::string& column) const {
  return table_->columns.empty() ||
         std::any_of(places_.begin(), places_.end(),
                     [&](std::size_t place) { return names_[place] == column; });
}

std::size_t MetadataColumns::place(const std::string& column) {
  if (const auto known = place_of(column, names_)) return *known;
  names_.push_back(column);
  return names_.size() - 1;
}

// All columns but those of the key, under their own names as far as these are free.
std::vector<PlacedColumn> MetadataColumns::all_of(const FileOfSamples& file,
                                                  const MetadataFile& opened,
                                                  const std::vector<std::size_t>& keys) {
  const std::set<std::size_t> of_key(keys.begin(), keys.end());
  std::vector<std::string> free;
  std::vector<PlacedColumn> columns;
  std::set<std::string> taken = own_;
  for (std::size_t i = 0; i < opened.headers.size(); ++i) {
    if (of_key.contains(i)) {
      taken.insert(opened.headers[i]);
      continue;
    }
    free.push_back(opened.headers[i]);
    columns.push_back({i, 0, {}});
  }
  free = free_names(std::move(free), taken);
  for (std::size_t i = 0; i < free.size(); ++i) {
    const std::string &header = opened.headers[columns[i].in_file], &name = free[i];
    if (name != header && (!file.is_free || renamed_.insert(header).second))
      problems_.report().add(
          file.shown, ProblemKind::metadata,
          fmt::format("has a column `{}`, {}; it was renamed to `{}`: give it another name", header,
                      own_.contains(header) ? "which is a name that nicohort uses itself"
                                            : "which is also the name of another column",
                      name));
    columns[i].place = place(name);
  }
  return columns;
}

std::vector<PlacedColumn> MetadataColumns::of(const FileOfSamples& file, const MetadataFile& opened,
                                              const std::vector<std::size_t>& keys) {
  const MetadataTable& table = *table_;
  if (table.columns.empty()) return all_of(file, opened, keys);
  std::vector<PlacedColumn> columns;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const MetadataTable::Column& column = table.columns[i];
    const auto in_file = place_of(column.in_file, opened.headers);
    if (!in_file) {
      problems_.add_missing(table, file, column.line,
                            fmt::format("has no column `{}`; {}", column.in_file,
                                        did_you_mean(column.in_file, opened.headers)),
                            fmt::format("`{}` stays empty", column.name));
      continue;
    }
    const auto key = std::find(keys.begin(), keys.end(), *in_file);
    columns.push_back(
        {*in_file, places_[i],
         key == keys.end() ? std::nullopt : std::optional<std::size_t>(key - keys.begin())});
  }
  return columns;
}

}  // namespace nicohort
