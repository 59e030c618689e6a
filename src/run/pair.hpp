// Reading and confirming the volume and mask of one archived sample.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "cohort/archive_names.hpp"
#include "cohort/archive_sample.hpp"
#include "cohort/mask_file.hpp"
#include "record/sample_record.hpp"

namespace nicohort {

struct Pair {
  ImageReader volume;              // not read yet
  std::optional<LoadedMask> mask;  // a volume may be alone
  std::vector<Problem> warnings;
};

// Throws BadInput when the sample cannot be used; also when it has lost its mask, of which the
// dataset has one, although the file is still in the archive.
Pair load_pair(const ArchiveNames& archive, const ArchiveSample& sample,
               const std::filesystem::path& dataset);

// The beginning of the sample's record, once the volume has been read.
SampleRecord confirmed(const ArchiveSample& sample, Pair& pair);

}  // namespace nicohort
