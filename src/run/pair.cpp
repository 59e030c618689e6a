#include "run/pair.hpp"

#include "step/confirm.hpp"

namespace nicohort {

Pair load_pair(const ArchiveNames& archive, const ArchiveSample& sample) {
  if (sample.volume.empty())
    throw BadInput(sample.mask, "is a mask without a volume; sample left out: add its volume");
  // Before anything is read of a sample that is not all in the archive.
  archive.locate(sample.volume);
  if (!sample.mask.empty()) archive.locate(sample.mask);
  Pair pair{archive.open(sample.volume, [&](const auto& file) { return ImageReader(file, true); }),
            {},
            {}};
  if (sample.mask.empty()) return pair;
  pair.mask = archive.open(sample.mask, [&](const auto& file) { return read_mask(file, true); });
  auto warning = blaming(sample.mask, [&] {
    return confirm_geometry(pair.volume.header().geometry, pair.mask->header.geometry);
  });
  if (warning) pair.warnings.push_back({sample.mask, *warning});
  return pair;
}

SampleRecord confirmed(const ArchiveSample& sample, Pair& pair) {
  SampleRecord record;
  record.id = sample.info.id;
  record.value_hash = pair.volume.value_hash();
  record.inputs = {{sample.volume, pair.volume.sha256()}};
  if (pair.mask) record.inputs.push_back({sample.mask, pair.mask->sha256});
  return record;
}

}  // namespace nicohort
