#include "record/staged_sample.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/problem.hpp"
#include "cohort/below.hpp"
#include "mask/scan.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::int64_t painted_voxels = 256 * 1024;  // at a time

}  // namespace

fs::path StagedSample::place_of(const fs::path& file) const {
  blaming(file.generic_string(), [&] { require_below(dataset_, dataset_ / file, "dataset"); });
  return dataset_ / file;
}

void StagedSample::add_mask(const fs::path& file, const Geometry& geometry, const LabelMask& mask) {
  image_files_.push_back(file);
  ImageWriter& writer =
      images_.emplace_back(place_of(file), geometry, DataType::uint8, compression_);
  LabelPainter painter(mask);
  std::vector<std::uint8_t> voxels(std::min(painted_voxels, mask.size().voxels()));
  for (std::int64_t left = mask.size().voxels(); left > 0; left -= voxels.size()) {
    voxels.resize(std::min<std::int64_t>(left, voxels.size()));
    painter.paint(voxels);
    writer.write(std::span<const std::uint8_t>(voxels));
  }
  writer.finish();
}

ImageWriter& StagedSample::add_volume(const fs::path& file, const Geometry& geometry) {
  image_files_.push_back(file);
  return images_.emplace_back(place_of(file), geometry, DataType::float32, compression_);
}

void StagedSample::add_text(const fs::path& file, std::string_view text) {
  text_files_.push_back(file);
  texts_.emplace_back(place_of(file)).write(text);
}

std::vector<fs::path> StagedSample::replace(SampleRecord& record) {
  return commit(record, readable_record(dataset_, record.id).value_or(SampleRecord()).files);
}

void StagedSample::remove_others(const SampleRecord& record,
                                 const std::map<std::string, std::string>& earlier) const {
  SampleRecord with_others = record;
  std::vector<fs::path> gone;
  for (const auto& [file, sha256] : earlier)
    if (with_others.files.emplace(file, sha256).second) gone.push_back(place_of(file));
  if (gone.empty()) return;
  // The sample is begun, and a start after this one knows what has to go.
  write_record(dataset_, with_others);
  for (const fs::path& file : gone)
    if (std::error_code error; !fs::remove(file, error) && error)
      throw MachineError(
          fmt::format("cannot remove {}: {}; check its permissions, and start the "
                      "same command again",
                      file.string(), error.message()));
}

std::vector<fs::path> StagedSample::commit(SampleRecord& record,
                                           const std::map<std::string, std::string>& earlier) {
  std::vector<fs::path> paths = std::move(image_files_);
  paths.insert(paths.end(), text_files_.begin(), text_files_.end());
  std::vector<AtomicFile*> files;
  for (ImageWriter& image : images_) files.push_back(&image.file());
  for (AtomicFile& text : texts_) files.push_back(&text);
  for (std::size_t i = 0; i < files.size(); ++i)
    record.files[paths[i].generic_string()] = files[i]->flush();
  remove_others(record, earlier);
  write_record(dataset_, record);
  for (AtomicFile* file : files) file->keep();
  commit_all(files);
  images_.clear();
  texts_.clear();
  image_files_.clear();
  text_files_.clear();
  return paths;
}

}  // namespace nicohort
