#include "dataset/dataset_recipe.hpp"

#include <fmt/format.h>

#include "base/problem.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;

Recipe load_dataset_recipe(const fs::path& dataset, const fs::path& given) {
  const fs::path file = OwnFolder(dataset).recipe();
  std::error_code error;
  const auto status = fs::symlink_status(file, error);
  if (status.type() == fs::file_type::not_found) return load_recipe(given);
  if (status.type() != fs::file_type::regular)
    throw UsageError(fmt::format(
        "{}: is not a regular file; put the recipe of the dataset itself there", file.string()));
  Recipe kept = load_recipe(file);
  if (!given.empty() && load_recipe(given).text() != kept.text())
    throw UsageError(fmt::format(
        "--recipe {}: the dataset {} was made with another recipe, which it keeps ({}): leave "
        "--recipe out, or make the dataset again with nicohort run",
        given.string(), dataset.string(), file.string()));
  return kept;
}

}  // namespace nicohort
