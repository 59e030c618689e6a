// The checksums of a dataset's files in one list, `{dataset}/.nicohort/SHA256SUMS`, as
// `cd {dataset} && sha256sum -c .nicohort/SHA256SUMS` reads it: the samples' files, from their
// records, and the tables, from dataset.json. It is derived: it can be deleted at any time.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "base/output_file.hpp"

namespace nicohort {

using Checksums = std::map<std::string, std::string>;  // SHA-256 by path below the dataset

// What the list has to say, line by line: of all records that can be read, and of the tables. A
// damaged dataset.json is passed over: verify is who complains of it.
void write_recorded_checksums(const std::filesystem::path& dataset, OutputFile& file);
Checksums recorded_checksums(const std::filesystem::path& dataset);

// Whether the list says just this.
bool is_list_right(const std::filesystem::path& dataset);

// Empty if there is no list. Throws BadInput for one that is damaged, or a link.
Checksums read_checksums(const std::filesystem::path& dataset);

// Makes the list anew. Throws BadInput for one that leads out of the dataset, MachineError.
void write_checksums(const std::filesystem::path& dataset);
// Of a list that will be wrong until it is made anew.
void remove_checksums(const std::filesystem::path& dataset);

}  // namespace nicohort
