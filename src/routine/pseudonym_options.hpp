// --pseudonymize and --pseudonym_map, for the commands that read an archive.
#pragma once

#include <filesystem>
#include <string>

#include "cohort/archive_names.hpp"
#include "routine/command_line.hpp"

namespace nicohort {

struct PseudonymOptions {
  std::filesystem::path key;  // empty: names as they are
  std::filesystem::path map;  // empty: none is written
};
void add_pseudonymize(Command& command, PseudonymOptions& options);
// After add_pseudonymize.
void add_pseudonym_map(Command& command, PseudonymOptions& options);

// Whether the samples on record in the dataset have pseudonyms: all, as an identifier may happen to
// look like one.
bool is_pseudonymized(const std::filesystem::path& dataset);

// Of the key (PseudonymKey); empty without one.
std::string fingerprint_of(const PseudonymOptions& options);

// Throws UsageError when the key cannot serve.
ArchiveNames archive_names(const std::filesystem::path& root, const Recipe& recipe,
                           const PseudonymOptions& options);

// The same for an archive that has been scanned: the names in its manifest lead to its files. With
// a key, throws UsageError for a manifest that was made without one or with another; `file` names
// it.
ArchiveNames names_of_manifest(const std::filesystem::path& root, const Recipe& recipe,
                               const PseudonymOptions& options, const Table& manifest,
                               const std::string& file);

// Writes the mapping, readable by its owner only, where the options name a file.
void put_pseudonym_map(const ArchiveNames& names, const PseudonymOptions& options);

}  // namespace nicohort
