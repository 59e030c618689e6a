// What a dataset keeps of each sample beside its files: where they come from, what was done to
// them, and their checksums. `{dataset}/.nicohort/{ID}.json`.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

struct InputFile {
  std::string path;  // below the archive
  std::string sha256;
  bool operator==(const InputFile&) const = default;
};

// One routine's work on the sample.
struct Step {
  std::string routine;
  nlohmann::json parameters, counts;  // counts: of voxels
  std::string version = NICOHORT_VERSION;

  // The same work, whatever it counted.
  bool is_same_work(const Step& other) const;
};

struct SampleRecord {
  std::string id;
  std::string value_hash;  // of the volume (nifti/value_hash.hpp); empty if it is not known
  std::vector<InputFile> inputs;
  std::vector<Step> steps;
  std::map<std::string, std::string> files;  // SHA-256 by path below the dataset
};

std::filesystem::path record_path(const std::filesystem::path& dataset, const std::string& id);

// Nothing if there is none. Throws BadInput if there is one that cannot be read, is another
// sample's, names other files than those in one folder of the sample's own, or is behind a symbolic
// link.
std::optional<SampleRecord> read_record(const std::filesystem::path& dataset,
                                        const std::string& id);
// Nothing for a damaged one, too: that is verify's to complain of.
std::optional<SampleRecord> readable_record(const std::filesystem::path& dataset,
                                            const std::string& id);
// The IDs of all records of a dataset, sorted. Throws MachineError when they cannot be listed.
std::vector<std::string> record_ids(const std::filesystem::path& dataset);
// All of a dataset that can be read; `damaged`, if it is there, is told of the others.
using TellDamaged = std::function<void(const BadInput&)>;
std::vector<SampleRecord> read_records(const std::filesystem::path& dataset,
                                       const TellDamaged& damaged = {});
// Throws BadInput where symbolic links lead out of the dataset.
void write_record(const std::filesystem::path& dataset, const SampleRecord& record);
void remove_record(const std::filesystem::path& dataset, const std::string& id);

// The sample's folder below the dataset; empty if it has no files.
std::filesystem::path sample_folder(const SampleRecord& record);

// Of all that it says: another one for a sample to which anything was done.
std::string fingerprint(const SampleRecord& record);

}  // namespace nicohort
