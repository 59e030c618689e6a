// `{dataset}/.nicohort/dataset.json`: what is true of the dataset beside its samples.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "recipe/split_rule.hpp"

namespace nicohort {

// The subset of each patient.
using SideOfPatients = std::map<std::string, std::string>;

struct DatasetFile {
  // What the names of patients depend on: the fingerprint of the key for pseudonyms; empty: none.
  std::string naming;
  std::map<std::string, std::string> tables;  // SHA-256 by path below the dataset
  // How the splits of a manifest were made, by its path below the dataset and their worksheets.
  std::map<std::string, std::map<std::string, std::vector<SplitRule>>> splits;
  // Of splits that keep sides: patients who had one and are not in the worksheet now.
  std::map<std::string, std::map<std::string, SideOfPatients>> absent;
};

// Empty if there is none. Throws BadInput for one that is damaged, or a link.
DatasetFile read_dataset_file(const std::filesystem::path& dataset);
std::string text_of(const DatasetFile& file);

// How this split of a manifest, a worksheet of it, was made; none: it was not, or nobody knows.
std::vector<SplitRule> listed_split(const std::filesystem::path& manifest,
                                    const std::string& split);

// The patients of this split who had a side and are not in its worksheet. Throws as
// read_dataset_file().
SideOfPatients listed_absent(const std::filesystem::path& manifest, const std::string& split);

// Enters a table that was written below a dataset; nothing if it lies in none. The dataset's lock
// must be held alone.
void list_table(const std::filesystem::path& table);
// The same for a manifest into which this split was put; absent: as listed_absent().
void list_split(const std::filesystem::path& manifest, const SplitPlan& plan,
                const SideOfPatients& absent);

}  // namespace nicohort
