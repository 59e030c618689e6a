// The checksums of a dataset's files in one list, `{dataset}/.nicohort/SHA256SUMS`, as
// `cd {dataset} && sha256sum -c .nicohort/SHA256SUMS` reads it: the samples' files, from their
// records, and the tables that routines 04 to 06 wrote into the dataset.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace nicohort {

using Checksums = std::map<std::string, std::string>;  // SHA-256 by path below the dataset

std::filesystem::path checksums_path(const std::filesystem::path& dataset);

// Empty if there is no list. Throws BadInput for one that is damaged.
Checksums read_checksums(const std::filesystem::path& dataset);

// Makes the list anew after samples were written. Tables stay listed as long as they are there.
void list_samples(const std::filesystem::path& dataset);

// Lists a table that was written below a dataset; nothing if it lies in none. Makes a list that is
// missing, or has samples that were taken out, anew.
void list_table(const std::filesystem::path& table);

}  // namespace nicohort
