// Which file of an archive is which image: the volumes, channels and masks that the recipe's
// patterns find.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "archive/label_files.hpp"
#include "archive/sample_outcome.hpp"
#include "archive/volume_choice.hpp"
#include "base/parallel.hpp"
#include "recipe/recipe.hpp"

namespace nicohort {

struct ArchivedImage {
  std::string path;  // below the archive, as presented
  ImageKey key;
};

// The images that match the recipe, sorted as the manifest is (by key, so that a sample's are
// together, the first volume before the others), and those that none of their files
// can be taken for.
struct IdentifiedImages {
  std::vector<ArchivedImage> images;
  std::set<ImageKey> ambiguous;
  std::vector<std::string> ambiguous_files;
};

// paths: all images of the archive. choice: which volumes count where the recipe chooses. labels:
// gets the mask files of labels. Files that match no pattern, and several of one image, are
// reported.
IdentifiedImages identify_images(std::vector<std::string> paths, const ArchiveNames& names,
                                 const Recipe& recipe, const std::set<PartValues>& wanted,
                                 const std::optional<VolumeChoice>& choice, LabelFiles& labels,
                                 Report& report, const SampleOutcome& outcome);

}  // namespace nicohort
