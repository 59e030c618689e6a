#include "dataset/cohort_folder.hpp"

#include <fmt/format.h>

#include <optional>

#include "base/named_path.hpp"
#include "base/problem.hpp"
#include "dataset/layout.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// As the user would name it: `d` for `d/grouped/`.
fs::path folder_above(const fs::path& folder) {
  fs::path plain = folder.lexically_normal();
  if (!plain.has_filename()) plain = plain.parent_path();
  if (plain.empty() || plain == "." || plain.filename() == "..") {
    std::error_code error;
    plain = fs::weakly_canonical(plain.empty() ? "." : plain, error);
  }
  return plain.has_parent_path() ? plain.parent_path() : fs::path(".");
}

// Before the first run there is no dataset yet.
bool is_root(const fs::path& folder) {
  return is_dataset(folder / dataset_folder) ||
         (is_folder(folder / archive_folder) && is_folder(folder / descriptor_folder));
}

// The folder around the one that was named, or that one itself.
std::optional<fs::path> root_of(const fs::path& named) {
  if (is_root(named)) return named;
  for (fs::path folder = named, above = folder_above(named); above != folder;
       folder = above, above = folder_above(folder))
    if (is_root(above)) return above;
  return std::nullopt;
}

}  // namespace

bool is_dataset(const fs::path& folder) {
  std::error_code error;
  return fs::exists(OwnFolder(folder).dataset_file(), error);
}

std::string meant_instead_of(const fs::path& named, CohortFolder wanted) {
  const auto root = root_of(named);
  if (!root) return "";
  const fs::path meant = wanted == CohortFolder::root      ? *root
                         : wanted == CohortFolder::archive ? *root / archive_folder
                                                           : *root / dataset_folder;
  std::error_code error;
  if (!is_folder(meant) || fs::equivalent(meant, named, error)) return "";
  return fmt::format("; did you mean {}?", meant.string());
}

std::string meant_manifest(const fs::path& named) {
  const fs::path folder = is_folder(named) ? named : named.parent_path();
  const auto root = root_of(folder);
  const fs::path manifest =
      (is_dataset(folder) || !root ? folder : *root / dataset_folder) / "dataset_manifest.xlsx";
  std::error_code error;
  if (!fs::is_regular_file(manifest, error) || fs::equivalent(manifest, named, error)) return "";
  return fmt::format("; did you mean {}?", manifest.string());
}

void require_root_of_dataset(const fs::path& folder, const std::string& option) {
  require_folder(folder, option);
  if (is_folder(folder / dataset_folder)) return;
  const std::string meant = meant_instead_of(folder, CohortFolder::root);
  throw UsageError(
      fmt::format("{}: has no folder {} in it; {} is the folder that contains the "
                  "dataset{}",
                  folder.string(), dataset_folder, option,
                  meant.empty() ? ", which nicohort run writes" : meant));
}

void require_archive(const fs::path& folder, const std::string& option) {
  require_folder(folder, option);
  const bool is_around = is_root(folder) && is_folder(folder / archive_folder);
  if (is_around || is_dataset(folder))
    throw UsageError(fmt::format("{}: {}; {} is the folder of the archive itself{}",
                                 folder.string(),
                                 is_around ? "contains an archive" : "is a dataset", option,
                                 meant_instead_of(folder, CohortFolder::archive)));
}

void require_not_around_dataset(const fs::path& folder, const std::string& option) {
  require_folder(folder, option);
  if (!is_dataset(folder) && is_dataset(folder / dataset_folder))
    throw UsageError(
        fmt::format("{}: contains the dataset; {} is the folder of the dataset "
                    "itself; did you mean {}?",
                    folder.string(), option, (folder / dataset_folder).string()));
}

void require_dataset_manifest(const fs::path& file, const std::string& option) {
  require_file(file, option,
               "the manifest that gen_dataset_manifest or run writes" + meant_manifest(file));
}

}  // namespace nicohort
