// One sample from the archive to the dataset in a single pass over its volume: confirmed, written,
// with the steps done to its mask.
#pragma once

#include <optional>
#include <vector>

#include "archive/archive_names.hpp"
#include "archive/archive_sample.hpp"
#include "base/png.hpp"
#include "dataset/transaction.hpp"
#include "deflate/gzip_writer.hpp"
#include "step/step.hpp"

namespace nicohort {

// What is made of every sample.
struct Making {
  const ArchiveNames& archive;
  const Recipe& recipe;  // by which images are channels and masks
  const RecipeSteps& steps;
  const LabelNames& labels;  // of binary masks; empty: none are cut
  const LabelGroups& groups;
  Compression compression = Compression::balanced;
  bool takes_picture = false;
};

struct MadeSample {
  SampleRecord record;
  std::optional<PalettePicture> picture;
  Committed committed;
};

// A mask file that the dataset's mask was made of, and that is still in the archive and of this
// sample by the recipe, though the sample has no mask: it cannot be read, nor can the others be
// used where each label has a file. What was made of it when it could be read stays.
std::optional<InputFile> unusable_mask(const ArchiveNames& archive, const Recipe& recipe,
                                       const ArchiveSample& sample,
                                       const std::optional<SampleRecord>& before);

// before: the sample's present record. threads: for its volume. Throws BadInput when the sample
// cannot be used; what the dataset has of it stays as it is.
MadeSample make_sample(Transaction& dataset, const Making& making, const ArchiveSample& sample,
                       const std::optional<SampleRecord>& before, Threads threads);

// Writes down what the dataset's names depend on: the recipe and the fingerprint of the key for
// pseudonyms.
void put_naming(Transaction& dataset, const std::filesystem::path& folder, const Recipe& recipe,
                const std::string& naming);

// As they are done to this sample.
Steps steps_of(const Making& making, const ArchiveSample& sample);

// What the record of a sample that is made so says of the work, for the samples with a mask; those
// without have no steps and no labels.
Work work_of(const Making& making, const std::string& command);

}  // namespace nicohort
