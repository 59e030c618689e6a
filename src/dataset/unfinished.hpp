// What a command intends to do and has not finished yet: `{dataset}/.nicohort/unfinished.json`. It
// exists while a command writes samples, and remains if the command is interrupted.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "dataset/record.hpp"

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
// What has become of one of its samples. Unusable: it has a record and no files.
enum class SampleProgress { left, done, unusable };
SampleProgress progress_of(const std::filesystem::path& dataset, const Work& work,
                           const std::string& id);
// The samples of the unfinished work that are not done, sorted; empty if there is none.
std::vector<std::string> samples_not_done(const std::filesystem::path& dataset, const Work& work);
// The same, but empty if no sample is done yet: the dataset is as it was before, and other commands
// need not wait for this one.
std::vector<std::string> unfinished_samples(const std::filesystem::path& dataset, const Work& work);

// Throws UsageError, naming the interrupted command and what to do, if one is unfinished with
// samples that are not done.
void require_finished(const std::filesystem::path& dataset);

[[noreturn]] void throw_unfinished(const std::filesystem::path& dataset, const Work& work,
                                   const std::vector<std::string>& left);

std::string unfinished_text(const Work& work);

}  // namespace nicohort
