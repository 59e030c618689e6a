#include "run/pair.hpp"

#include "step/confirm.hpp"

namespace nicohort {

namespace fs = std::filesystem;
namespace {

// A mask that cannot be read is not in the archive's manifest: what was made of it when it could
// stays.
void require_mask_gone(const ArchiveNames& archive, const ArchiveSample& sample,
                       const fs::path& dataset) {
  const auto before = readable_record(dataset, sample.info.id);
  if (!before || before->inputs.size() < 2) return;
  const std::string& mask = before->inputs[1].path;
  const auto file = archive.find(mask);
  std::error_code error;
  if (file && fs::exists(*file, error))
    throw BadInput(mask,
                   "is in the archive, but cannot be used, and the dataset has a mask made of it: "
                   "mend it, or take it out of the archive");
}

}  // namespace

Pair load_pair(const ArchiveNames& archive, const ArchiveSample& sample, const fs::path& dataset) {
  if (sample.volume.empty())
    throw BadInput(sample.mask, "is a mask without a volume; sample left out: add its volume");
  // Before anything is read of a sample that is not all in the archive.
  archive.locate(sample.volume);
  if (sample.mask.empty())
    require_mask_gone(archive, sample, dataset);
  else
    archive.locate(sample.mask);
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
