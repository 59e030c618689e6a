#include "recipe/subset_names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "table/unicode.hpp"

namespace nicohort {

std::string in_file_name(const std::string& subset) {
  std::string name = subset;
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

std::string file_of_subsets(const std::string& split, const Subsets& subsets,
                            const std::string& ending) {
  std::string name = split;
  for (const std::string& subset : subsets) name += "_" + in_file_name(subset);
  return name + ending;
}

std::string same_file_fault(const std::string& split, const std::vector<Subsets>& groups,
                            const std::string& ending) {
  std::map<std::string, const Subsets*> seen;
  for (const Subsets& group : groups) {
    const std::string file = file_of_subsets(split, group, ending);
    const auto [other, is_new] = seen.emplace(lower_case(file), &group);
    if (is_new || *other->second == group) continue;
    const bool is_same = file_of_subsets(split, *other->second, ending) == file;
    return fmt::format("{} and {} would both be written to {}{}", fmt::join(*other->second, ", "),
                       fmt::join(group, ", "), file, is_same ? "" : " on a disk that ignores case");
  }
  return "";
}

}  // namespace nicohort
