// Samples of a dataset (`grouped/`): their folders and files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "table/table.hpp"

namespace nicohort {

// The files of one sample in its folder `{root}/{site}/{phase}/{ID}/`.
struct SampleFiles {
  std::filesystem::path folder;  // relative to the dataset's root
  std::string id;

  std::filesystem::path volume() const { return folder / (id + "_volume.nii.gz"); }
  std::filesystem::path mask() const { return folder / (id + "_mask.nii.gz"); }
  std::filesystem::path info() const { return folder / (id + "_info.yaml"); }
  std::filesystem::path binary_mask(std::uint8_t label, const std::string& name) const;
};

// All samples below a folder: the folders whose own name, as ID, begins the name of their volume,
// mask or info file. Sorted by ID. Throws UsageError if the folder is missing or has none.
std::vector<SampleFiles> find_samples(const std::filesystem::path& root);
std::vector<std::string> ids_of(const std::vector<SampleFiles>& samples);

// Throws BadInput when symbolic links lead the sample's folder or a file in it out of the dataset.
void require_below(const std::filesystem::path& root, const SampleFiles& sample);

// A sample's `{ID}_mask_{label:02d}_{name}.nii.gz`, by label and then name.
struct BinaryMaskFile {
  std::uint8_t label = 0;
  std::string name;
  std::filesystem::path path;  // relative to the dataset's root
  auto operator<=>(const BinaryMaskFile&) const = default;
};
std::vector<BinaryMaskFile> find_binary_masks(const std::filesystem::path& root,
                                              const SampleFiles& sample);

// `{ID}_info.yaml`: who the sample is, then the additional attributes in the manifest's order.
struct SampleInfo {
  std::string id, site, phase, pid;
  std::vector<std::pair<std::string, Cell>> attributes;
};
std::string info_text(const SampleInfo& info);
// Throws BadInput.
SampleInfo parse_info(const std::string& text);
SampleInfo read_info(const std::filesystem::path& path);

}  // namespace nicohort
