// `{dataset}/.nicohort/dataset.json`: what is true of the dataset beside its samples.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace nicohort {

struct DatasetFile {
  // What the names of patients depend on: the fingerprint of the key for pseudonyms; empty: none.
  std::string naming;
  std::map<std::string, std::string> tables;  // SHA-256 by path below the dataset
};

// Empty if there is none. Throws BadInput for one that is damaged, or a link.
DatasetFile read_dataset_file(const std::filesystem::path& dataset);
std::string text_of(const DatasetFile& file);

// Enters a table that was written below a dataset; nothing if it lies in none. The dataset's lock
// must be held alone.
void list_table(const std::filesystem::path& table);

}  // namespace nicohort
