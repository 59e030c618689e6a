// Datasets whose samples are a few short texts.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"
#include "dataset/transaction.hpp"

namespace nicohort::testing {

using Texts = std::map<std::string, std::string>;  // by name

inline std::string folder_of(const std::string& id) {
  return id.substr(0, id.find('_')) + "/pre/" + id;
}

inline SampleRecord record_of(const std::string& id, int version) {
  SampleRecord record;
  record.id = id;
  record.folder = folder_of(id);
  record.compression = "balanced";
  record.mask.emplace();
  for (int i = 1; i <= version; ++i)
    record.steps.push_back({{"threshold", "{\"n\":" + std::to_string(i) + "}", 1}, {}});
  return record;
}

// What version `version` of a sample has; the volume is the same in all, and a binary mask comes
// with the second and goes with the third.
inline Texts texts_of(const std::string& id, int version) {
  const std::string text = id + " in version " + std::to_string(version);
  Texts texts{{id + "_volume.nii.gz", "the volume of " + id},
              {id + "_mask.nii.gz", "the mask of " + text},
              {id + "_info.yaml", "about " + text + std::string(version, '.')}};
  if (version == 2) texts[id + "_mask_01_EsoROI.nii.gz"] = "the binary mask of " + text;
  return texts;
}

inline Committed put(Transaction& transaction, const std::filesystem::path& dataset,
                     const std::string& id, int version) {
  const std::optional<SampleRecord> old = readable_record(dataset, id);
  SampleRecord record = record_of(id, version);
  StagedSample sample = transaction.stage(id, folder_of(id));
  for (const auto& [name, text] : texts_of(id, version)) {
    if (old && old->files.contains(name) && name.ends_with("_volume.nii.gz"))
      record.files[name] = old->files.at(name);
    else
      sample.add(name).write(text);
  }
  return sample.commit(record);
}

inline Work work_of(int version, const std::vector<std::string>& ids) {
  Work work;
  work.command = "mask_thresholding";
  work.steps = {record_of("", version).steps.back().work};
  work.compression = "balanced";
  work.ids = ids;
  return work;
}

inline const std::vector<std::string> ids{"TJ_1_pre", "TJ_2_pre", "TJ_3_pre"};

// One command from its beginning to its end.
inline void run(const std::filesystem::path& dataset, int version,
                const std::vector<std::string>& of = ids) {
  Transaction transaction(dataset, work_of(version, of), nobody());
  for (const std::string& id : of) put(transaction, dataset, id, version);
  transaction.finish();
}

// The files of a sample, by name; those of .nicohort are not among them.
inline Texts found_texts(const std::filesystem::path& dataset, const std::string& id) {
  Texts texts;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(dataset / folder_of(id), error))
    texts[entry.path().filename().string()] = bytes_of(entry.path());
  return texts;
}

// The version that the sample is in, files and record alike: 0 if there is none of it; -1 if it is
// mixed.
inline int version_of(const std::filesystem::path& dataset, const std::string& id) {
  const Texts found = found_texts(dataset, id);
  const bool has_record = std::filesystem::exists(OwnFolder(dataset).record(id));
  const std::optional<SampleRecord> record = readable_record(dataset, id);
  if (!has_record) return found.empty() ? 0 : -1;
  if (!record) return -1;
  const int version = static_cast<int>(record->steps.size());
  if (found != texts_of(id, version) || record->files.size() != found.size()) return -1;
  for (const auto& [name, text] : found)
    if (!record->files.contains(name) || record->files.at(name) != sha256_of(text)) return -1;
  return version;
}

inline std::vector<int> versions(const std::filesystem::path& dataset,
                                 const std::vector<std::string>& of = ids) {
  std::vector<int> found;
  for (const std::string& id : of) found.push_back(version_of(dataset, id));
  return found;
}

}  // namespace nicohort::testing
