// The record of a sample, `{dataset}/.nicohort/{ID}.json`: the only truth about it (SPEC 6). Where
// it comes from, what was done to it, the checksums of its files, what is wrong with it, and what
// manifests and reports need of it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/problem.hpp"
#include "dataset/layout.hpp"
#include "image/data_type.hpp"
#include "image/geometry.hpp"
#include "mask/combine.hpp"
#include "step/foreground.hpp"
#include "step/intensity.hpp"
#include "step/nonzero_box.hpp"
#include "step/step.hpp"

namespace nicohort {

struct InputFile {
  std::string path;  // below the archive
  std::string sha256;
  bool is_mask = false;
  std::uint8_t label = 0;  // of a mask that is of one label alone; 0: of all
  // Its orientation (`RAS`), where its voxels were turned to that of the volume.
  std::string turned_from = {};
};

// One step's work on the sample, with what it found.
struct StepRecord {
  StepWork work;
  StepFindings findings;
};

// What is known of the volume and mask as they are now.
struct ChannelSummary {
  std::string name;             // empty where a volume has no channels
  std::string value_hash;       // image/value_hash.hpp
  std::int64_t not_finite = 0;  // voxels that are NaN or infinite
  bool is_blank = false;        // all values that are finite are the same, or none is finite
  // Two with the same hash are the same scan, and not only as blank as each other.
  bool shows_a_scan() const { return !value_hash.empty() && !is_blank; }
};
struct VolumeSummary {
  Geometry geometry;  // as written: what a reader of the file gets
  std::vector<ChannelSummary> channels;
  DataType type = DataType::float32;  // of the first channel
  bool has_source_type = false;       // the voxels are stored as in the archive
  // Of the voxels that are not 0. None: an earlier version made the sample, which did not look for
  // it, nor for voxels that are not finite.
  std::optional<VoxelBox> nonzero = {};
};
struct MaskSummary {
  std::vector<std::pair<std::uint8_t, std::int64_t>> voxels;  // by value but 0, of those there are
  IntensitySummary intensity;                                 // under the mask as drawn
  // The voxels after the last step that gave new labels, else as drawn.
  decltype(voxels) original = {};
  // Of each channel, under the mask as it is now. None: an earlier version made the sample.
  std::vector<ForegroundSummary> foreground = {};
};

struct SampleRecord {
  std::string id;
  std::string folder;  // below the dataset; its last name is the ID. Empty: nothing was written
  std::vector<std::pair<std::string, std::string>> parts;  // `site`, `phase`, `pid`
  std::vector<InputFile> inputs;                           // of the volume, then of the mask
  std::optional<Overlap> overlap;  // by which its masks of single labels were made one
  std::string compression;         // of its images
  std::string codec;  // the library that compressed those that were written last: `ISA-L 2.30.0`
  std::vector<Problem> problems;             // of the inputs
  std::vector<StepRecord> steps;             // in the order in which they were done
  LabelNames labels;                         // of the binary masks; empty: none
  LabelGroups groups;                        // of these, cut as one mask each
  std::vector<Problem> mask_problems;        // of the mask as it is now
  std::optional<VolumeSummary> volume;       // if it was written
  std::optional<MaskSummary> mask;           // if it has one
  std::map<std::string, std::string> files;  // SHA-256 by name, all in the folder

  bool is_written() const { return !folder.empty(); }
  SampleFiles sample_files() const { return {folder, id}; }
  // Below the dataset: of each channel, in order; none if it was not written.
  std::vector<std::filesystem::path> volumes() const;
  // Those of its mask: one of all labels, or one of each.
  std::vector<InputFile> drawn_masks() const;
  // The binary masks that it should have, of labels and then of groups, below the dataset.
  std::vector<std::filesystem::path> binary_masks() const;
  // Of the inputs, of each step, of the mask, in this order.
  std::vector<Problem> all_problems() const;
};

// What was done to the sample, in this order.
std::vector<StepWork> works_of(const SampleRecord& record);

// JSON, the same bytes for the same record. Text that is not UTF-8 is replaced.
std::string record_text(const SampleRecord& record);
// Throws BadInput, without a subject, for what is no record, or names files that no sample with
// this ID can have.
SampleRecord parse_record(const std::string& text, const std::string& id);

// Nothing if there is none. Throws BadInput, as parse_record does, with the record as subject, also
// where the record is a symbolic link.
std::optional<SampleRecord> read_record(const std::filesystem::path& dataset,
                                        const std::string& id);
// Nothing for a damaged one, too.
std::optional<SampleRecord> readable_record(const std::filesystem::path& dataset,
                                            const std::string& id);
// Of the record's file; empty where there is none that can be read.
std::string sha256_of_record(const std::filesystem::path& dataset, const std::string& id);
// The IDs of all records of a dataset, sorted. Throws MachineError when they cannot be listed.
std::vector<std::string> record_ids(const std::filesystem::path& dataset);

}  // namespace nicohort
