#include "run/pair.hpp"

#include "cohort/archive_file.hpp"
#include "step/confirm.hpp"

namespace nicohort {

Pair load_pair(const std::filesystem::path& archive, const ArchiveSample& sample) {
  if (sample.volume.empty())
    throw BadInput(sample.mask, "is a mask without a volume; sample left out: add its volume");
  // Before anything is read of a sample that is not all in the archive.
  require_in_archive(archive, sample.volume);
  if (!sample.mask.empty()) require_in_archive(archive, sample.mask);
  Pair pair{open_volume(archive, sample.volume, true), {}, {}};
  if (sample.mask.empty()) return pair;
  pair.mask = load_mask(archive, sample.mask, true);
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
