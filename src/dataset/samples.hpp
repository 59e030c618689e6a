// The samples that a dataset has on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "dataset/layout.hpp"

namespace nicohort {

// All samples below a folder: the folders whose own name, as ID, begins the name of their volume,
// mask or info file. Sorted by ID. Throws MachineError where a folder cannot be listed.
std::vector<SampleFiles> all_samples(const std::filesystem::path& root);
// The same of a whole dataset. Throws UsageError if the folder is missing, has none, has one twice,
// or is not the dataset itself but a folder above or below it.
std::vector<SampleFiles> find_samples(const std::filesystem::path& root);
std::vector<std::string> ids_of(const std::vector<SampleFiles>& samples);

// Throws BadInput when symbolic links lead the sample's folder or a file in it out of the dataset.
void require_below(const std::filesystem::path& root, const SampleFiles& sample);

// A volume without a mask is a sample all the same, one that the mask commands pass over.
bool has_mask(const std::filesystem::path& root, const SampleFiles& sample);

// A sample's `{ID}_mask_{label:02d}_{name}.nii.gz`, by label and then name.
struct BinaryMaskFile {
  std::uint8_t label = 0;
  std::string name;
  std::filesystem::path path;  // relative to the dataset's root
  auto operator<=>(const BinaryMaskFile&) const = default;
};
std::vector<BinaryMaskFile> find_binary_masks(const std::filesystem::path& root,
                                              const SampleFiles& sample);

}  // namespace nicohort
