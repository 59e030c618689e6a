// Patterns of a recipe that are filled with a sample's columns, be they parts, metadata or derived:
// `{ED}`, `{primary_image}`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "recipe/condition.hpp"
#include "recipe/pattern.hpp"

namespace nicohort {

class ColumnPattern {
 public:
  // A text without braces is meant as it stands. Throws UsageError as Pattern does.
  ColumnPattern(const std::string& text, const Parts& parts);

  // Nothing if it is filled with nothing: all columns that it has are empty.
  std::optional<std::string> fill(const ValueOf& value_of) const;

  const std::string& text() const { return text_; }
  // Those that it has and that are no parts.
  const std::vector<std::string>& columns() const { return columns_; }
  // Indices of the recipe's parts that it has.
  std::vector<std::size_t> parts() const;

 private:
  std::string text_;
  Parts parts_;  // and the columns, as if they were parts
  std::vector<std::string> columns_;
  std::optional<Pattern> pattern_;  // none: only text
};

}  // namespace nicohort
