// One routine's work on the masks of a dataset. In place it may read what it writes: when it was
// stopped and is started again it must not do twice what it had done.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cohort/sample.hpp"
#include "record/sample_record.hpp"
#include "record/staged_sample.hpp"
#include "record/unfinished.hpp"

namespace nicohort {

// A routine changes masks, or derives new ones, which it does not read.
enum class MaskWork { changes, derives };

// It notes in the dataset that the step is under way (record/unfinished.hpp), until finish(). In
// place, a command that finds the same step begun goes on where that one stopped; one that does not
// does the step on every sample, even if it was done before.
class DatasetStep {
 public:
  // step: without its counts. Throws UsageError if another command was stopped in `output`; or this
  // one, which cannot begin anew with other options where it reads what it wrote,
  // and does not with --skip_existing, nor with masks of another dataset.
  DatasetStep(const std::filesystem::path& root, const std::filesystem::path& output, MaskWork kind,
              Step step, const std::vector<SampleFiles>& samples, bool skip_existing = false);

  bool is_in_place() const { return is_in_place_; }
  const Step& step() const { return *note_.step; }

  // The step as the stopped command did it to this sample; nothing if it has yet to be done. masks:
  // what the step writes. Throws BadInput if somebody has changed one that the step also reads.
  std::optional<Step> done(const SampleFiles& sample,
                           const std::vector<std::filesystem::path>& masks) const;

  // Whether the sample is to be left alone if it has all its files already: with --skip_existing,
  // unless the command that goes on here has begun it, or was stopped without that option.
  bool skips_existing(const SampleFiles& sample) const;

  // Adds the step to the sample's record, and writes both. step: with its counts. gone: files that
  // the sample no longer has.
  void commit(StagedSample& staged, const SampleFiles& sample, Step step,
              const std::vector<std::string>& gone = {}) const;

  // All samples are done: lists the checksums, and forgets that the step was under way. The last
  // that a command does: if it is killed after that, it had finished.
  void finish();

 private:
  void go_on(const Note& stopped);
  // The record of a sample that the stopped command has begun.
  std::optional<SampleRecord> begun(const SampleFiles& sample) const;

  std::filesystem::path root_, output_;
  Note note_;
  bool is_in_place_ = false, reads_what_it_writes_ = false, is_resumed_ = false;
};

}  // namespace nicohort
