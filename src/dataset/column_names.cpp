#include "dataset/column_names.hpp"

#include <fmt/format.h>

namespace nicohort {

std::vector<std::string> free_names(std::vector<std::string> names,
                                    const std::set<std::string>& reserved) {
  const std::set<std::string> written(names.begin(), names.end());
  std::set<std::string> taken = reserved;
  for (std::string& name : names) {
    if (taken.insert(name).second) continue;
    std::string candidate;
    int number = 2;
    do candidate = fmt::format("{}_{}", name, number++);
    while (written.contains(candidate) || !taken.insert(candidate).second);
    name = candidate;
  }
  return names;
}

}  // namespace nicohort
