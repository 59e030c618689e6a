#include "archive/pseudonym_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "archive/archive_listing.hpp"
#include "archive/pseudonym.hpp"
#include "archive/recipe_identifiers.hpp"
#include "base/listener.hpp"
#include "dataset/dataset_file.hpp"
#include "dataset/manifest.hpp"
#include "dataset/record.hpp"
#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

const char* const map_sheet = "Pseudonyms";

// Another table of that name could be the only copy of what is in it.
void require_pseudonym_map(const fs::path& file) {
  const bool is_workbook = lower_case(file.extension().string()) == ".xlsx";
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) == 0 ||
      (is_workbook && !begins_as_workbook(file)))
    return;
  try {
    if (read_table(file).columns == ArchiveNames::mapping_columns() &&
        (!is_workbook || sheet_names(file) == std::vector<std::string>{map_sheet}))
      return;
  } catch (const BadInput&) {  // it is another file
  }
  throw UsageError(
      fmt::format("--pseudonym_map {}: is there, and is not a table of identifiers and pseudonyms; "
                  "give another name, or remove it",
                  file.string()));
}

}  // namespace

void require_same_naming(const fs::path& dataset, const std::string& naming) {
  const std::string before = read_dataset_file(dataset).naming;
  if (naming == before || record_ids(dataset).empty()) return;
  throw UsageError(
      fmt::format("{}: its samples were made {}; {}, or use a new folder", dataset.string(),
                  before.empty() ? "without pseudonyms" : "with the pseudonyms of a key",
                  before.empty() ? "leave --pseudonymize out" : "give --pseudonymize that key"));
}

std::string fingerprint_of(const PseudonymOptions& options) {
  return options.key.empty() ? "" : load_pseudonym_key(options.key).fingerprint();
}

ArchiveNames archive_names(const fs::path& root, const Recipe& recipe,
                           const PseudonymOptions& options) {
  if (options.key.empty()) return ArchiveNames(root);
  require_pseudonym_map(options.map);
  ArchiveNames names(root, recipe, load_pseudonym_key(options.key));
  require_no_values_of_pid(recipe);
  return names;
}

ArchiveNames names_of_manifest(const fs::path& root, const Recipe& recipe,
                               const PseudonymOptions& options, const Table& manifest,
                               const std::string& file) {
  ArchiveNames names = archive_names(root, recipe, options);
  if (!names.has_pseudonyms()) return names;
  const auto columns = require_columns(manifest, {"file_path", "pid"}, file);
  for (const auto& row : manifest.rows)
    if (!has_pseudonym(to_text(row[columns[1]])))
      throw UsageError(
          fmt::format("{}: has patients without a pseudonym; make it with gen_archive_manifest "
                      "--pseudonymize and the same key",
                      file));
  list_archive(names);
  require_no_identifiers(recipe, names);
  if (std::none_of(manifest.rows.begin(), manifest.rows.end(), [&](const auto& row) {
        return names.find(to_text(row[columns[0]])).has_value();
      }))
    throw UsageError(
        fmt::format("{}: none of its images is in {} with the key {}; give the key that "
                    "gen_archive_manifest was given",
                    file, root.string(), options.key.string()));
  return names;
}

void put_pseudonym_map(const ArchiveNames& names, const PseudonymOptions& options,
                       Listener& listener) {
  if (options.map.empty()) return;
  write_table(options.map, Sheet{map_sheet, names.mapping()}, Access::owner_only);
  listener.summary(
      fmt::format("The identifiers of the pseudonyms are in {}. Keep this file and the key away "
                  "from the dataset.",
                  options.map.string()));
}

}  // namespace nicohort
