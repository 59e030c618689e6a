// One routine's work on the masks of a dataset. In place it reads what it writes: when it was
// stopped and is started again it must not do twice what it had done.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cohort/sample.hpp"
#include "record/sample_record.hpp"
#include "record/staged_sample.hpp"

namespace nicohort {

// It notes in the dataset that the step is under way (record/unfinished.hpp), until finish(). In
// place, a command that finds the note of the same step goes on where that one stopped; one that
// finds none does the step on every sample, even if it was done before.
class DatasetStep {
 public:
  // step: without its counts. Throws UsageError if another command was stopped in one of the
  // folders, or this one in place with other parameters, which some samples have now.
  DatasetStep(const std::filesystem::path& root, const std::filesystem::path& output, Step step,
              const std::vector<SampleFiles>& samples);

  bool is_in_place() const { return is_in_place_; }
  bool is_resumed() const { return is_resumed_; }
  const Step& step() const { return step_; }

  // The step as the stopped command did it to this sample; nothing if it has yet to be done. Gives
  // the sample's files their names if the command was killed just before.
  std::optional<Step> done(const SampleFiles& sample) const;

  // Adds the step to the sample's record, and writes both. step: with its counts.
  void commit(StagedSample& staged, const SampleFiles& sample, Step step) const;

  // All samples are done: lists the checksums, and forgets that the step was under way. The last
  // that a command does: if it is killed after that, it had finished.
  void finish();

 private:
  bool is_begun(const SampleRecord& record) const;

  std::filesystem::path root_, output_;
  Step step_;
  bool is_in_place_ = false, is_resumed_ = false;
  std::map<std::string, std::size_t> repeated_;  // times in a row that it was done before, by ID
};

}  // namespace nicohort
