// What several routines do with one sample of the dataset.
#pragma once

#include <filesystem>
#include <vector>

#include "cohort/sample.hpp"
#include "mask/operations.hpp"
#include "run/lock.hpp"
#include "step/threshold.hpp"

namespace nicohort {

// A volume without a mask is a sample all the same, one that the mask routines pass over.
bool has_mask(const std::filesystem::path& root, const SampleFiles& sample);

// Throws BadInput unless a sample's volume and mask have the same size.
void require_same_size(const Size3& volume, const Size3& mask);

// The voxels of `where` whose value in the sample's volume is outside the window. Reads the volume.
BinaryMask voxels_outside(const std::filesystem::path& root, const SampleFiles& sample,
                          const BinaryMask& where, Window window);

// A command that reads what it writes is alone in the dataset.
FolderLock::Sharing sharing_of(const std::filesystem::path& root,
                               const std::filesystem::path& output);

// thresh: LO HI. Throws UsageError unless LO <= HI.
Window window_of(const std::vector<double>& thresh);

}  // namespace nicohort
