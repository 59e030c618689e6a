// The mask of a sample as the archive has it: one file with all labels, or one of each label.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "dataset/mask_file.hpp"
#include "dataset/record.hpp"

namespace nicohort {

struct DrawnMask {
  std::optional<LabelMask> labels;  // none: masks of single labels overlap, and must not
  std::vector<InputFile> inputs;    // the files that were read, with their checksums
  // Overlapping masks, a mask without a voxel, geometry that differs from the volume's.
  std::vector<Problem> problems;
};

// Reads a mask file of the archive, hashed. Throws BadInput with its path as subject.
using ReadDrawn = std::function<LoadedMask(const InputFile& file, MaskValues values)>;

// files: their checksums are not looked at. labels: the names for messages. id: of the sample.
// Throws BadInput where a file cannot be read or differs in size from the volume.
DrawnMask read_drawn_mask(const std::string& id, std::span<const InputFile> files,
                          const std::optional<Overlap>& overlap, const LabelNames& labels,
                          const Geometry& volume, const ReadDrawn& read);

}  // namespace nicohort
