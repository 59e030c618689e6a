// What an archive lacks: the mask of a volume, a channel, a patient's other phase.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/sample_columns.hpp"
#include "archive/sample_outcome.hpp"
#include "archive/volume_choice.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

struct ListedImage {
  std::string path;  // below the archive
  ImageKey key;
  bool is_usable = false;
};

// What is wrong with a sample that has files of some channels only; empty if it has all. has_file:
// for each channel that has a file.
std::string lacking_channels(const std::vector<bool>& has_file, const Channels& channels);

// What is there and cannot be used was told before; what is not wanted is there all the same.
// not_wanted: samples that the recipe leaves out.
void report_missing_images(const std::vector<ListedImage>& images,
                           const std::set<PartValues>& not_wanted, const Recipe& recipe,
                           const SampleColumns& columns, const std::optional<VolumeChoice>& choice,
                           Report& report, const SampleOutcome& outcome = no_outcome);

}  // namespace nicohort
