// Steps done to the masks of a dataset, sample by sample: what every mask command is.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "dataset/samples.hpp"
#include "dataset/unfinished.hpp"
#include "deflate/gzip_writer.hpp"
#include "step/step.hpp"

namespace nicohort {

struct MaskChange {
  std::string command;
  std::filesystem::path root, output;  // equal: in place
  Steps steps;
  Condition where = {};              // only samples that fulfil it
  std::optional<LabelNames> labels;  // to cut binary masks by; none: by those that there are
  Compression compression = Compression::balanced;
  bool skip_existing = false;  // leave samples alone that have all the files already
  bool again = false;          // do it also to samples to which it was done last
};

struct ChangedSample {
  enum class State { done, unchanged, skipped, not_wanted, without_mask, failed };
  SampleFiles files;
  State state = State::failed;
  std::optional<SampleRecord> record = {};  // afterwards, where it is done or unchanged
  std::size_t new_steps = 0;                // of the record's, the last ones: done now
};

// Locks the dataset, and the one that is written if it is another. Problems of samples go into the
// report. end: called at the end, while they are still locked. Throws UsageError where there is no
// dataset, another command was stopped there, or no sample has a column of the condition.
void change_masks(const MaskChange& change, const Context& context, Report& report,
                  const std::function<void(const std::vector<ChangedSample>&)>& end);

}  // namespace nicohort
