#include "propose/known_labels.hpp"

#include <algorithm>

#include "recipe/recipe.hpp"

namespace nicohort {

std::vector<std::pair<int, std::string>> number_labels(std::vector<std::string> names,
                                                       bool& is_known) {
  static const LabelNames known = load_recipe("totalsegmentator").labels();
  std::sort(names.begin(), names.end());
  std::vector<std::pair<int, std::string>> numbered;
  for (const std::string& name : names)
    for (const auto& [number, known_name] : known)
      if (number != 0 && known_name == name) numbered.emplace_back(number, name);
  is_known = numbered.size() == names.size();
  if (!is_known) {
    numbered.clear();
    for (const std::string& name : names)
      numbered.emplace_back(static_cast<int>(numbered.size()) + 1, name);
  }
  std::sort(numbered.begin(), numbered.end());
  return numbered;
}

}  // namespace nicohort
