#include "table/read_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/wording.hpp"

namespace nicohort {

bool is_error_value(std::string_view text) {
  constexpr std::array<std::string_view, 14> errors{
      "#NULL!",  "#DIV/0!", "#VALUE!",   "#REF!",  "#NAME?",    "#NUM!",         "#N/A",
      "#SPILL!", "#CALC!",  "#BLOCKED!", "#BUSY!", "#CONNECT!", "#GETTING_DATA", "#FIELD!"};
  return text.starts_with('#') && std::find(errors.begin(), errors.end(), text) != errors.end();
}

std::string text_of(const WithoutValue& cells) {
  constexpr const char* save = "open the workbook in Excel or LibreOffice";
  const std::string formulas = fmt::format("{} without a value, the first in {}",
                                           counted(cells.formulas, "formula"), cells.first_formula);
  const std::string errors = fmt::format("{} with an error, the first in {}",
                                         counted(cells.errors, "cell"), cells.first_error);
  if (cells.formulas > 0 && cells.errors > 0)
    return fmt::format("has {}, and {}, which count as empty; {}, correct the errors and save it",
                       formulas, errors, save);
  if (cells.formulas > 0)
    return fmt::format("has {}, which count{} as empty; {} and save it", formulas,
                       cells.formulas == 1 ? "s" : "", save);
  if (cells.errors > 0)
    return fmt::format(
        "has {}, which count{} as empty; correct what they are calculated from, or "
        "clear them",
        errors, cells.errors == 1 ? "s" : "");
  return "";
}

std::string ReadTable::place_of(const std::vector<std::size_t>& rows) const {
  constexpr std::size_t most = 4;
  std::vector<std::string> ranges;
  std::size_t more = 0;
  for (std::size_t i = 0, next = 0; i < rows.size(); i = next) {
    for (next = i + 1; next < rows.size() && rows[next] == rows[next - 1] + 1;) ++next;
    if (next == i + 2) next = i + 1;  // `7, 8` is as short as `7 to 8`
    if (ranges.size() == most)
      more += next - i;
    else
      ranges.push_back(next == i + 1 ? fmt::format("{}", rows[i])
                                     : fmt::format("{} to {}", rows[i], rows[next - 1]));
  }
  if (more > 0) ranges.push_back(fmt::format("{} more", more));
  std::string text = rows.size() == 1 ? "row " : "rows ";
  for (std::size_t i = 0; i < ranges.size(); ++i)
    text += (i == 0 ? "" : i + 1 < ranges.size() ? ", " : " and ") + ranges[i];
  if (!sheet.empty())
    text += fmt::format(" of the{} worksheet {}", is_hidden ? " hidden" : "", sheet);
  return text;
}

}  // namespace nicohort
