// The files of one sample under construction.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "mask/run_mask.hpp"
#include "nifti/image_file.hpp"
#include "record/sample_record.hpp"

namespace nicohort {

// None of the files gets its name before all are on the disk, nor before the sample's record says
// what they are: a commit that was stopped in between can be finished (finish_commits).
class StagedSample {
 public:
  explicit StagedSample(std::filesystem::path dataset,
                        Compression compression = Compression::balanced)
      : dataset_(std::move(dataset)), compression_(compression) {}

  // The files' paths are below the dataset.
  void add_mask(const std::filesystem::path& file, const Geometry& geometry, const LabelMask& mask);
  ImageWriter& add_volume(const std::filesystem::path& file, const Geometry& geometry);
  void add_text(const std::filesystem::path& file, std::string_view text);

  // Enters the files' checksums into the record, and writes record and files. Gives the files, in
  // the order of images and then texts.
  std::vector<std::filesystem::path> commit(SampleRecord& record) { return commit(record, {}); }
  // The same for a sample that is made anew: what else its earlier record has was made of the one
  // that is replaced, and goes.
  std::vector<std::filesystem::path> replace(SampleRecord& record);

 private:
  std::vector<std::filesystem::path> commit(SampleRecord& record,
                                            const std::map<std::string, std::string>& earlier);
  void remove_others(const SampleRecord& record,
                     const std::map<std::string, std::string>& earlier) const;
  // Where the file is to be. Throws BadInput if symbolic links lead out of the dataset.
  std::filesystem::path place_of(const std::filesystem::path& file) const;

  std::filesystem::path dataset_;
  Compression compression_;
  std::vector<std::filesystem::path> image_files_, text_files_;
  std::deque<ImageWriter> images_;
  std::deque<AtomicFile> texts_;
};

}  // namespace nicohort
