// What a command intends to do and has not finished yet: `{dataset}/.nicohort/unfinished.json`. It
// exists while a command writes samples, and remains if the command is interrupted. How far the
// work is, is in `progress/`.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "dataset/record.hpp"
#include "dataset/shard.hpp"

namespace nicohort {

// What a command does to each of its samples.
struct Work {
  std::string command;
  // Whether it makes samples from the archive with these steps and no others, or does the steps to
  // samples that are there.
  bool from_archive = false;
  std::vector<StepWork> steps = {};
  std::optional<LabelNames> labels = {};  // that the sample has afterwards; none: as before
  std::string compression = {};
  std::vector<std::string> ids = {};
  bool is_elsewhere = false;       // the samples are another dataset's: they need not be here yet
  LabelGroups groups = {};         // that the sample has afterwards, with the labels
  bool keeps_volume_type = false;  // volumes that are made have the type of those in the archive

  // Of shards of a run, which must all have the same: the SHA-256 of the recipe and the options.
  std::string made_from = {};

  // The SHA-256 of what says which samples these are, such as a manifest's path. Empty: all that
  // there are.
  std::string chosen_by = {};
  // Samples that are none of these, which the same command was to do when it was interrupted: each
  // with its `chosen_by`.
  std::map<std::string, std::string> owed = {};
  // Of the command that began it. Empty: an earlier version did, which noted no progress.
  std::string token = {};

  // Also those that are owed; sorted.
  std::vector<std::string> all_ids() const;

  // The same work, whatever the samples, and whatever else is in the recipe.
  bool is_same(const Work& other) const;
};

// Whether the record shows that the work was done on the sample, or nothing can be done to it: it
// has no files, or no mask.
bool is_done(const Work& work, const SampleRecord& record);

// Nothing if no command is unfinished. One that cannot be read is of the unknown command, with all
// samples.
inline constexpr const char* unknown_command = "an unknown command";
std::optional<Work> read_unfinished(const std::filesystem::path& dataset);

// Which samples of the work a process found that it has to make: `progress/3-8.json` of the shard
// 3/8, `progress/1-1.json` of one that has all samples. to_make: with the SHA-256 of the records
// that they had then.
std::filesystem::path to_make_file(const std::filesystem::path& dataset, const Shard& shard);
std::string to_make_text(const Work& work, const Shard& shard,
                         const std::map<std::string, std::string>& to_make);
// All files in `progress/`.
std::vector<std::filesystem::path> progress_files(const std::filesystem::path& dataset);

// What has become of a sample. Unusable: it has a record and no files.
enum class SampleProgress { left, done, unusable };

// How far the work is.
class WorkProgress {
 public:
  // The work has to live as long.
  WorkProgress(const std::filesystem::path& dataset, const Work& work);
  SampleProgress of(const std::string& id) const;

 private:
  void read(const std::filesystem::path& file);
  bool is_left(const std::string& id, const std::optional<SampleRecord>& record) const;

  const std::filesystem::path& dataset_;
  const Work& work_;
  std::map<int, std::map<int, std::unordered_map<std::string, std::string>>>
      to_make_;  // by the count and the index of the shard
};

// The samples of the unfinished work that are not done, sorted; empty if there is none.
std::vector<std::string> samples_not_done(const std::filesystem::path& dataset, const Work& work);
// The same, but empty if no sample was changed yet: the dataset is as it was before, and other
// commands need not wait for this one.
std::vector<std::string> unfinished_samples(const std::filesystem::path& dataset, const Work& work);

// Throws UsageError, naming the interrupted command and what to do, if one is unfinished with
// samples that are not done.
void require_finished(const std::filesystem::path& dataset);

[[noreturn]] void throw_unfinished(const std::filesystem::path& dataset, const Work& work,
                                   const std::vector<std::string>& left);

std::string unfinished_text(const Work& work);

}  // namespace nicohort
