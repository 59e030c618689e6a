// The names of an archive's files and patients as the options --pseudonymize and --pseudonym_map
// ask for them.
#pragma once

#include <filesystem>
#include <string>

#include "archive/archive_names.hpp"
#include "base/listener.hpp"

namespace nicohort {

struct PseudonymOptions {
  std::filesystem::path key;  // empty: names as they are
  std::filesystem::path map;  // empty: none is written
};

// A dataset keeps the names that its patients have been given: with other ones it would have every
// patient twice, or original identifiers beside pseudonyms. naming: fingerprint_of() the options.
// Throws UsageError.
void require_same_naming(const std::filesystem::path& dataset, const std::string& naming);

// Of the key (PseudonymKey); empty without one.
std::string fingerprint_of(const PseudonymOptions& options);

// Throws UsageError when the key cannot serve, the recipe cannot go with pseudonyms, or another
// table is where the mapping is to be written.
ArchiveNames archive_names(const std::filesystem::path& root, const Recipe& recipe,
                           const PseudonymOptions& options);

// The same for an archive that has been scanned: the names in its manifest lead to its files. With
// a key, throws UsageError for a manifest that was made without one or with another; `file` names
// it.
ArchiveNames names_of_manifest(const std::filesystem::path& root, const Recipe& recipe,
                               const PseudonymOptions& options, const Table& manifest,
                               const std::string& file);

// Writes the mapping, readable by its owner only, where the options name a file.
void put_pseudonym_map(const ArchiveNames& names, const PseudonymOptions& options,
                       Listener& listener);

}  // namespace nicohort
