#include "archive/sample_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dataset/column_names.hpp"
#include "dataset/manifest.hpp"
#include "table/oddities.hpp"

namespace nicohort {

SampleColumns::SampleColumns(Metadata metadata, const Recipe& recipe, Listener& listener)
    : metadata_(std::move(metadata)), recipe_(recipe), names_(metadata_.columns) {
  for (const DerivedColumn& column : recipe.columns()) names_.push_back(column.name);
  names_ = free_names(std::move(names_), own_names(recipe));
  for (std::size_t i = 0; i < names_.size(); ++i) places_[names_[i]] = i;
  for (std::size_t i = 0; i < recipe.columns().size(); ++i) {
    const std::string &wanted = recipe.columns()[i].name,
                      &name = names_[metadata_.columns.size() + i];
    if (name != wanted)
      listener.warning(
          fmt::format("recipe {}, line {}: the column `{}` was renamed to `{}`, because another "
                      "column has this name; give it another name.",
                      recipe.source(), recipe.columns()[i].line, wanted, name));
  }
  const auto derived = names_.begin() + std::ptrdiff_t(metadata_.columns.size());
  recipe.require_columns({names_.begin(), derived}, {derived, names_.end()});
}

std::string SampleColumns::value(const PartValues& sample, const std::vector<Cell>& cells,
                                 const std::string& column) const {
  if (const auto part = recipe_.part_index(column)) return sample[*part];
  const auto place = places_.find(column);
  return place == places_.end() || place->second >= cells.size() ? ""
                                                                 : to_text(cells[place->second]);
}

bool SampleColumns::is_unknown(const PartValues& sample, const std::string& column) const {
  const auto place = places_.find(column);
  if (recipe_.part_index(column) || place == places_.end()) return false;
  if (place->second < metadata_.columns.size()) return metadata_.is_unknown(sample, place->second);
  const DerivedColumn& derived = recipe_.columns()[place->second - metadata_.columns.size()];
  const auto sources = derived.sources();
  return std::any_of(sources.begin(), sources.end(),
                     [&](const std::string& source) { return is_unknown(sample, source); }) &&
         !derived.value_for(values_of(sample));
}

std::vector<Cell> SampleColumns::of(const PartValues& sample) const {
  std::vector<Cell> cells = metadata_.of(sample);
  for (const DerivedColumn& column : recipe_.columns()) {
    auto text =
        column.value_for([&](const std::string& name) { return value(sample, cells, name); });
    if (!text) text = is_unknown(sample, column.from) ? "" : column.otherwise;
    cells.push_back(text->empty() ? Cell() : Cell(std::move(*text)));
  }
  return cells;
}

ValueOf SampleColumns::values_of(const PartValues& sample) const {
  return [this, sample, cells = of(sample)](const std::string& column) {
    return value(sample, cells, column);
  };
}

void SampleColumns::tell_oddities(const std::set<PartValues>& samples, Listener& listener) const {
  const std::set<std::string> used = recipe_.used_columns();
  if (used.empty()) return;
  Table table{names_, {}};
  for (const PartValues& sample : samples) table.rows.push_back(of(sample));
  for (const std::string& sentence : oddities(table, used)) listener.warning(sentence);
}

}  // namespace nicohort
