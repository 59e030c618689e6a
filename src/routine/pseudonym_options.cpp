#include "routine/pseudonym_options.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cohort/archive_listing.hpp"
#include "cohort/manifest.hpp"
#include "cohort/pseudonym.hpp"
#include "record/sample_record.hpp"
#include "routine/command.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void add_pseudonymize(Command& command, PseudonymOptions& options) {
  command.option("--pseudonymize", options.key,
                 "A file with a secret key: patients get pseudonyms made with it");
}

void add_pseudonym_map(Command& command, PseudonymOptions& options) {
  command
      .option("--pseudonym_map", options.map,
              "Where to write who is behind the pseudonyms, .csv or .xlsx (default: nowhere)")
      .needs("--pseudonymize");
}

bool is_pseudonymized(const fs::path& dataset) {
  const auto ids = record_ids(dataset);
  return !ids.empty() &&
         std::all_of(ids.begin(), ids.end(), [](const auto& id) { return has_pseudonym(id); });
}

std::string fingerprint_of(const PseudonymOptions& options) {
  return options.key.empty() ? "" : load_pseudonym_key(options.key).fingerprint();
}

ArchiveNames archive_names(const fs::path& root, const Recipe& recipe,
                           const PseudonymOptions& options) {
  if (options.key.empty()) return ArchiveNames(root);
  return {root, recipe, load_pseudonym_key(options.key)};
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
  if (std::none_of(manifest.rows.begin(), manifest.rows.end(), [&](const auto& row) {
        return names.find(to_text(row[columns[0]])).has_value();
      }))
    throw UsageError(
        fmt::format("{}: no image of it is in {} with the key {}; give the key that "
                    "gen_archive_manifest was given",
                    file, root.string(), options.key.string()));
  return names;
}

void put_pseudonym_map(const ArchiveNames& names, const PseudonymOptions& options) {
  if (options.map.empty()) return;
  write_table(options.map, {{"Pseudonyms", names.mapping()}}, Access::owner_only);
  say(
      fmt::format("Who is behind the pseudonyms is in {}: keep it, and the key, apart from the "
                  "dataset.",
                  options.map.string()));
}

}  // namespace nicohort
