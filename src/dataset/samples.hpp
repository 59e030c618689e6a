// The samples of a dataset: their folders and their records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "dataset/layout.hpp"
#include "dataset/record.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

// A sample of which a dataset has files, a record, or both. There may be very many: their records
// are read when they are needed.
struct FoundSample {
  std::string id;
  // With files of it, below the dataset; all is well with one. The folders whose own name, as ID,
  // begins the name of a volume, mask or info file in them.
  std::vector<std::string> folders = {};
  bool has_record = false;             // which may be damaged
  bool is_written = false;             // by its record, once that was read
  std::optional<Problem> damage = {};  // of a record that cannot be read, the same

  bool has_files() const { return !folders.empty(); }
  SampleFiles files() const { return {folders.front(), id}; }
};

// All that there are, by ID; none in a folder that is not there. Their records are not read. Throws
// MachineError where a folder cannot be listed.
std::vector<FoundSample> list_samples(const std::filesystem::path& dataset);
// The same of those whose IDs are wanted.
std::vector<FoundSample> list_samples(const std::filesystem::path& dataset,
                                      const std::function<bool(const std::string& id)>& is_wanted);
// The record, if there is one that can be read. Fills what the sample says of it.
std::optional<SampleRecord> read_record_of(FoundSample& sample,
                                           const std::filesystem::path& dataset);
std::vector<std::string> ids_of(const std::vector<FoundSample>& samples);

// Throws BadInput when symbolic links lead the sample's folder or a file in it out of the dataset.
void require_below(const std::filesystem::path& root, const SampleFiles& sample);

// The channels of a sample's volume, by name; one empty name where it has none: from its record,
// else as the recipe has them.
std::vector<std::string> channels_of(const std::optional<SampleRecord>& record,
                                     const Recipe& recipe);

// A volume without a mask is a sample all the same, one that the mask commands pass over.
bool has_mask(const std::filesystem::path& root, const SampleFiles& sample);

// A sample's `{ID}_mask_{label:02d}_{name}.nii.gz`, by label and then name, or that of a group of
// labels, `{ID}_mask_{name}.nii.gz`.
struct BinaryMaskFile {
  std::uint8_t label = 0;  // of a group its place among them
  std::string name;
  std::filesystem::path path;  // relative to the dataset's root
  bool is_group = false;
  // `mask_01_liver`, `mask_masses`
  std::string column() const { return is_group ? "mask_" + name : mask_column(label, name); }
  auto operator<=>(const BinaryMaskFile&) const = default;
};
// Of labels.
std::vector<BinaryMaskFile> find_binary_masks(const std::filesystem::path& root,
                                              const SampleFiles& sample);
// Of these groups, those that are there.
std::vector<BinaryMaskFile> find_group_masks(const std::filesystem::path& root,
                                             const SampleFiles& sample, const LabelGroups& groups);

}  // namespace nicohort
