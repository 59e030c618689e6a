#include "dataset/column_names.hpp"

#include <fmt/format.h>

#include "table/grid.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace {

// The name with a number behind it, cut where a cell of Excel could not hold it otherwise.
std::string numbered(const std::string& name, int number) {
  const std::string suffix = fmt::format("_{}", number);
  std::size_t units = suffix.size(), end = 0;
  for (std::size_t i = 0; i < name.size(); end = i) {
    units += decode_utf8(name, i) > 0xFFFF ? 2 : 1;
    if (units > max_cell_units) break;
  }
  return name.substr(0, end) + suffix;
}

}  // namespace

std::vector<std::string> free_names(std::vector<std::string> names,
                                    const std::set<std::string>& reserved) {
  const std::set<std::string> written(names.begin(), names.end());
  std::set<std::string> taken = reserved;
  for (std::string& name : names) {
    if (taken.insert(name).second) continue;
    std::string candidate;
    int number = 2;
    do candidate = numbered(name, number++);
    while (written.contains(candidate) || !taken.insert(candidate).second);
    name = candidate;
  }
  return names;
}

}  // namespace nicohort
