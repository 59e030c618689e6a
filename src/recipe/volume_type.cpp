#include "recipe/volume_type.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
#include "table/yaml.hpp"

namespace nicohort {

Recipe load_recipe(const std::filesystem::path& recipe, const std::string& type) {
  Recipe loaded = load_recipe(recipe);
  if (type.empty()) return loaded;
  const YamlValue root = parse_yaml(loaded.text(), "recipe");
  const auto given =
      std::find_if(root.entries.begin(), root.entries.end(),
                   [](const YamlEntry& entry) { return entry.key == "volume_type"; });
  if (given != root.entries.end() && given->value.text != type)
    throw UsageError(fmt::format(
        "--volume_type {}: the recipe {}, line {}, has `volume_type: {}`; correct one of them",
        type, loaded.source(), given->value.line, given->value.text));
  if (given != root.entries.end()) return loaded;
  try {
    return Recipe(fmt::format("{}\nvolume_type: {}\n", loaded.text(), type), loaded.source());
  } catch (const UsageError&) {  // it does not end as most do: `{…}`, `...`
    throw UsageError(
        fmt::format("--volume_type {0}: cannot be added to the recipe {1}; write "
                    "`volume_type: {0}` there instead",
                    type, loaded.source()));
  }
}

}  // namespace nicohort
