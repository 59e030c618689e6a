#include "split/row_faults.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/wording.hpp"

namespace nicohort {

void RowFaults::add(std::size_t row, const std::string& what) {
  const auto [known, is_new] = places_.emplace(what, faults_.size());
  if (is_new) faults_.push_back({what, {}});
  faults_[known->second].rows.push_back(std::to_string(table_.row_in_file(row)));
}

std::string RowFaults::text() const {
  constexpr std::size_t most_rows = 20, most_faults = 5;
  std::vector<std::string> texts;
  std::size_t untold = 0;
  for (const auto& [what, rows] : faults_) {
    if (texts.size() == most_faults) {
      untold += rows.size();
      continue;
    }
    texts.push_back(
        fmt::format("row{} {}: {}", rows.size() == 1 ? "" : "s", some_of(rows, most_rows), what));
  }
  return fmt::format(
      "{}{}", fmt::join(texts, "; "),
      untold == 0 ? "" : fmt::format("; and {} more row{}", untold, untold == 1 ? "" : "s"));
}

}  // namespace nicohort
