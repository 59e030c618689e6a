// What the viewer needs to know of a cohort: its samples and their small regions.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dataset/layout.hpp"
#include "recipe/intensity_scale.hpp"
#include "step/labels.hpp"

namespace nicohort {

// A row of a worksheet `Regions` (docs/file-formats.md).
struct RegionRow {
  int label = 0;
  double voxels = 0, volume = 0;            // mm³
  std::array<double, 3> voxel{}, centre{};  // mean voxel index; mm
  bool is_after = false;                    // from the table made after cleaning
};

struct ViewedSample {
  SampleFiles files;
  std::vector<std::string> channels;     // of its volume, those that are there; one without a name
  LabelGroups groups;                    // that its mask is also cut in
  std::vector<std::string> drawn_masks;  // that its mask was made from, below the archive
};

struct SampleIndex {
  std::vector<ViewedSample> samples;                      // that have a volume; by ID
  std::map<std::string, std::vector<RegionRow>> regions;  // by ID
  LabelNames labels;         // of descriptor/label_map.yaml, or the recipe
  IntensityScale intensity;  // of the volumes

  // Where in `samples` this ID is.
  std::optional<std::size_t> find(const std::string& id) const;
};

// The tables that an index is read from, of those that are there: of
// descriptor/small_connected_region_*_manifest.xlsx the newest made before and after cleaning.
struct IndexSources {
  std::optional<std::filesystem::path> regions_before, regions_after, label_map;
  // Names, sizes and times of them and of the dataset's manifest: other when they have changed.
  std::string state;
};
IndexSources find_index_sources(const std::filesystem::path& root);

// Tables that are not there leave their part empty. Throws as Dataset::open and read_table do.
SampleIndex read_sample_index(const std::filesystem::path& root, const IndexSources& sources);

}  // namespace nicohort
