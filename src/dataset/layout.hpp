// Every name in a root folder and in a dataset, once (SPEC 6, TRANSACTIONS).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace nicohort {

// Below the root folder of a cohort.
inline constexpr const char *archive_folder = "archive", *dataset_folder = "grouped",
                            *descriptor_folder = "descriptor", *report_folder = "report";
// Below a dataset, for index manifests.
inline constexpr const char* splits_folder = "splits";

// What nicohort keeps of a dataset, in `{dataset}/.nicohort/`.
class OwnFolder {
 public:
  static constexpr const char* name = ".nicohort";
  explicit OwnFolder(const std::filesystem::path& dataset) : path_(dataset / name) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path record(const std::string& id) const { return path_ / (id + ".json"); }
  std::filesystem::path dataset_file() const { return path_ / "dataset.json"; }
  std::filesystem::path recipe() const { return path_ / "recipe.yaml"; }
  std::filesystem::path unfinished() const { return path_ / "unfinished.json"; }
  // How far the unfinished work is: `begun.json`, and what each process has to make of it.
  std::filesystem::path progress() const { return path_ / "progress"; }
  std::filesystem::path begun() const { return progress() / "begun.json"; }
  std::filesystem::path checksums() const { return path_ / "SHA256SUMS"; }
  std::filesystem::path staging() const { return path_ / "staging"; }
  std::filesystem::path commit() const { return path_ / "commit"; }
  std::filesystem::path cache() const { return path_ / "cache"; }
  std::filesystem::path lock() const { return path_ / "lock"; }
  std::filesystem::path leases() const { return path_ / "lease"; }

 private:
  std::filesystem::path path_;
};
// Files there that are named like records and are none.
inline bool is_record_name(const std::string& name) {
  return name.ends_with(".json") && !name.starts_with('.') && name != "dataset.json" &&
         name != "unfinished.json";
}

// `volume`, or `volume_T1` of a channel: the end of a volume's file name and its column in the
// dataset manifest.
inline std::string volume_column(const std::string& channel) {
  return channel.empty() ? "volume" : "volume_" + channel;
}

// The files of one sample.
struct SampleFiles {
  std::filesystem::path folder;  // below the dataset; its last name is the ID
  std::string id;

  // channel: its name; empty where a volume has none.
  std::filesystem::path volume(const std::string& channel = {}) const {
    return folder / (id + "_" + volume_column(channel) + ".nii.gz");
  }
  std::filesystem::path mask() const { return folder / (id + "_mask.nii.gz"); }
  std::filesystem::path info() const { return folder / (id + "_info.yaml"); }
  // `{ID}_mask_01_EsoROI.nii.gz`
  std::filesystem::path binary_mask(std::uint8_t label, const std::string& name) const;
  // `{ID}_mask_masses.nii.gz`: of a group of labels.
  std::filesystem::path group_mask(const std::string& name) const {
    return folder / (id + "_mask_" + name + ".nii.gz");
  }
};

// Whether a text in this column of the dataset manifest is the path of a sample's file, whose name
// ends as the column is called. Columns of the user's may stand among those of files.
inline bool is_file_of_column(const std::string& column, std::string_view text) {
  return text.ends_with(column == "info" ? "_info.yaml" : "_" + column + ".nii.gz");
}

}  // namespace nicohort
