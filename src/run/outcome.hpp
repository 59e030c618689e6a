// What a run keeps of a finished sample: enough to recognise it and to write every manifest without
// reading an image again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "step/examine.hpp"
#include "step/measure.hpp"

namespace nicohort {

// A file as it was when it was read or written.
struct FileRecord {
  std::string path;  // below the root of the run
  std::int64_t bytes = 0;
  std::int64_t changed = 0;  // modification time, ns since the epoch
  std::string sha256;
  bool operator==(const FileRecord&) const = default;
};

// The file as it is now, without its hash. bytes is -1 if it is not there.
FileRecord look_at(const std::filesystem::path& root, const std::string& path);
// Whether size and time are those of the record.
bool is_untouched(const std::filesystem::path& root, const FileRecord& record);

struct LabelOutcome {
  std::uint8_t label = 0;
  bool exists = false;                        // after cleaning, has a voxel
  std::vector<MeasuredRegion> before, after;  // small regions, before and after cleaning
};

struct Outcome {
  std::string parameters;  // all that the images depend on beside the inputs; equal or redone
  std::vector<FileRecord> inputs, outputs;
  bool written = false;                           // false: not usable, see the problems
  std::vector<Problem> confirmation, extraction;  // problems of routines 02 and 03
  std::int64_t corrected = 0;                     // voxels that thresholding set to background
  std::string volume_header;                      // of the volume as written, hexadecimal
  std::string value_hash;                         // of the volume
  bool has_mask = false;
  std::vector<LabelOutcome> labels;
  MaskStatistics statistics;  // for the report; if there is a mask
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FileRecord, path, bytes, changed, sha256)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Problem, subject, what)

nlohmann::json json_of(const Outcome& outcome);
// Throws nlohmann::json::exception for anything that json_of did not make.
Outcome outcome_from(const nlohmann::json& json);

}  // namespace nicohort
