#include "archive/metadata_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/wording.hpp"

namespace nicohort {

std::optional<MetadataKey> MetadataRows::key_of(std::size_t row, MetadataKeys& known) {
  constexpr const char* blanks = " \t\r\n\xC2\xA0";
  MetadataKey key;
  for (const std::size_t column : keys_) {
    const std::string text = to_text(file_.table.rows[row][column]);
    key.push_back(text.find_first_not_of(blanks) == std::string::npos ? "" : table_.compared(text));
  }
  if (const auto column = lacking_column(key)) {
    lacking_[*column].push_back(row);
    return {};
  }
  if (const auto column = rounded_column(row, key, known)) {
    rounded_[*column].push_back(row);
    if (std::string patient = known.find_rounded(key, *column); !patient.empty())
      patients_of_rounded_.push_back(std::move(patient));
    return {};
  }
  return key;
}

// The column of the key that is empty in a row and must not be.
std::optional<std::size_t> MetadataRows::lacking_column(const MetadataKey& key) const {
  const bool has_any =
      std::any_of(key.begin(), key.end(), [](const std::string& text) { return !text.empty(); });
  for (std::size_t i = 0; i < key.size(); ++i)
    if (key[i].empty() && !(has_any && table_.keys[i].pattern.can_be_empty())) return i;
  return {};
}

// The column of the key whose identifier has lost digits: a spreadsheet program keeps 15, and shows
// fewer.
std::optional<std::size_t> MetadataRows::rounded_column(std::size_t row, const MetadataKey& key,
                                                        const MetadataKeys& known) const {
  constexpr double more_than_are_kept = 1e15, more_than_are_shown = 1e11;
  const bool is_workbook = !file_.sheet.empty();
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    const Cell& cell = file_.table.rows[row][keys_[i]];
    if (const double* number = std::get_if<double>(&cell)) {
      if (is_workbook && std::abs(*number) >= more_than_are_kept) return i;
    } else if (const Text* text = std::get_if<Text>(&cell);
               text && text->view().find_first_of("eE") != std::string_view::npos) {
      double value = 0;
      const char* const end = text->view().data() + text->view().size();
      const auto [rest, error] = std::from_chars(text->view().data(), end, value);
      if (error == std::errc() && rest == end && value >= more_than_are_shown &&
          !known.of_samples().contains(key))
        return i;
    }
  }
  return {};
}

// The list of `rows` that a row is from; empty: there are none.
std::string MetadataRows::list_of(std::size_t row) const {
  if (!table_.rows) return "";
  const auto column = file_.table.find(table_.rows->column);
  return column ? to_text(file_.table.rows[row][*column]) : "";
}

void MetadataRows::add_repeated(const std::string& name, std::size_t first, std::size_t row) {
  std::string list = list_of(row), used = list_of(first);
  if (list == used) list = used = "";
  const auto [known, is_new] = known_repeated_.emplace(std::pair(name, list), repeated_.size());
  if (is_new)
    repeated_.push_back({name, {first, row}, list, used});
  else
    repeated_[known->second].rows.push_back(row);
}

std::string MetadataRows::places_of(const std::vector<std::size_t>& rows) const {
  std::vector<std::size_t> numbers;
  for (const std::size_t row : rows) numbers.push_back(file_.table.row_in_file(row));
  return file_.place_of(numbers);
}

std::string MetadataRows::place_of(std::size_t row) const {
  return file_.header_row > 0 ? places_of({row}) : "";
}

std::vector<std::string> MetadataRows::faults(bool is_secret, const std::string& longer_key) const {
  std::vector<std::string> texts;
  for (const auto& [column, rows] : lacking_) {
    const std::string& name = table_.keys[column].column;
    texts.push_back(rows.size() == 1
                        ? fmt::format("{} has no {}; fill it in", places_of(rows), name)
                        : fmt::format("{} rows have no {}: {}; fill it in, or delete these rows",
                                      rows.size(), name, places_of(rows)));
  }
  for (const auto& [column, rows] : rounded_) {
    const Cell& first = file_.table.rows[rows[0]][keys_[column]];
    const double* number = std::get_if<double>(&first);
    std::string text = fmt::format("{}: {} is a number of more than 15 digits", places_of(rows),
                                   table_.keys[column].column);
    if (!is_secret)  // as Excel shows it: more digits would be others
      text += ", such as " + (number ? fmt::format("{:.15G}", *number) : to_text(first));
    text += ", of which the last are lost";
    if (!patients_of_rounded_.empty())
      text += fmt::format("; no metadata were used for {}", some_of(patients_of_rounded_));
    texts.push_back(text + ": store the column as text and enter the identifiers again");
  }
  for (const auto& [name, rows, list, used] : repeated_)
    texts.push_back(
        list.empty()
            ? fmt::format("{} occurs more than once{}; the first row was used: remove the others{}",
                          name, file_.header_row > 0 ? ", in " + places_of(rows) : "",
                          longer_key.empty()
                              ? ""
                              : fmt::format(", or, if they are of different patients, tell them "
                                            "apart by another column, such as `key: {}`",
                                            longer_key))
            : fmt::format("{} is in two of the lists of `rows`, {} and {}; the row in {} was used: "
                          "remove it from one of them",
                          name, used, list, used));
  return texts;
}

}  // namespace nicohort
