#include "recipe/column_pattern.hpp"

#include <algorithm>

namespace nicohort {

ColumnPattern::ColumnPattern(const std::string& text, const Parts& parts)
    : text_(text), parts_(parts) {
  if (text.find_first_of("{}") == std::string::npos) return;
  for (const std::string& name : placeholders_of(text)) {
    if (meaning_of(name, parts)) continue;
    columns_.push_back(name);
    parts_.push_back({name, {}});
  }
  pattern_.emplace(text, parts_);
}

std::vector<std::size_t> ColumnPattern::parts() const {
  std::vector<std::size_t> parts = pattern_ ? pattern_->parts() : std::vector<std::size_t>();
  const std::size_t of_recipe = parts_.size() - columns_.size();
  std::erase_if(parts, [&](std::size_t part) { return part >= of_recipe; });
  return parts;
}

std::optional<std::string> ColumnPattern::fill(const ValueOf& value_of) const {
  if (!pattern_) return text_;
  PartValues values(parts_.size());
  for (const std::size_t part : pattern_->parts()) values[part] = value_of(parts_[part].name);
  if (!pattern_->parts().empty() &&
      std::all_of(values.begin(), values.end(), [](const auto& value) { return value.empty(); }))
    return {};
  const std::string filled = pattern_->fill(values);
  return filled.empty() ? std::nullopt : std::optional(filled);
}

}  // namespace nicohort
