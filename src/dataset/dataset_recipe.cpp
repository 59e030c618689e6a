#include "dataset/dataset_recipe.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
#include "dataset/layout.hpp"
#include "table/yaml.hpp"

namespace nicohort {
namespace fs = std::filesystem;

namespace {

// Whether two recipes say the same, in whatever layout and with whatever comments.
bool is_same(const YamlValue& one, const YamlValue& other) {
  return one.kind == other.kind && one.text == other.text && one.is_quoted == other.is_quoted &&
         std::equal(one.items.begin(), one.items.end(), other.items.begin(), other.items.end(),
                    is_same) &&
         std::equal(one.entries.begin(), one.entries.end(), other.entries.begin(),
                    other.entries.end(), [](const YamlEntry& a, const YamlEntry& b) {
                      return a.key == b.key && is_same(a.value, b.value);
                    });
}

}  // namespace

Recipe load_dataset_recipe(const fs::path& dataset, const fs::path& given) {
  const fs::path file = OwnFolder(dataset).recipe();
  std::error_code error;
  const auto status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found) return load_recipe(given);
  if (status.type() != fs::file_type::regular)
    throw UsageError(fmt::format(
        "{}: is not a regular file; put the recipe of the dataset itself there", file.string()));
  Recipe kept = load_recipe(file);
  if (!given.empty() &&
      !is_same(parse_yaml(load_recipe(given).text(), "recipe"), parse_yaml(kept.text(), "recipe")))
    throw UsageError(fmt::format(
        "--recipe {}: the dataset {} was made with another recipe, which it keeps ({}): leave "
        "--recipe out, or make the dataset again with nicohort run",
        given.string(), dataset.string(), file.string()));
  return kept;
}

}  // namespace nicohort
