#include "record/dataset_step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/checksums.hpp"
#include "record/unfinished.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Throws UsageError unless the note is of this very work.
void require_same_work(const StepNote& note, const Step& step, const fs::path& root) {
  if (!note.work.is_same_work(step))
    throw UsageError(fmt::format(
        "{}: {} was stopped here while it worked with other options: {}; give it the same again, "
        "or begin anew with confirm_pairs or run",
        root.string(), step.routine, note.work.parameters.dump()));
}

}  // namespace

DatasetStep::DatasetStep(const fs::path& root, const fs::path& output, Step step,
                         const std::vector<SampleFiles>& samples, bool skip_existing)
    : root_(root), output_(output), note_{std::move(step), {}, skip_existing} {
  std::error_code error;
  is_in_place_ = fs::equivalent(root, output, error);
  const std::string& routine = note_.work.routine;
  require_finished(output, routine);
  if (!is_in_place_) {
    require_finished(root);
    put_unfinished(output, routine);
    return;
  }
  const auto unfinished = unfinished_commands(root);
  if (!unfinished.empty()) {  // this one
    const auto note = step_note(root, routine);
    if (!note)
      throw UsageError(fmt::format(
          "{}: {} was stopped here, and no word is left of what it had done; begin anew with "
          "confirm_pairs or run, or, if it wrote what it had read from another folder, start that "
          "again",
          root.string(), routine));
    require_same_work(*note, note_.work, root);
    note_.repeated = note->repeated;
    note_.skip_existing &= note->skip_existing;
    is_resumed_ = true;
    return;
  }
  for (const SampleFiles& sample : samples)
    if (auto record = readable_record(root, sample.id))
      if (std::size_t times = times_in_a_row(*record, note_.work))
        note_.repeated[sample.id] = times;
  put_unfinished(root, note_);
}

bool DatasetStep::is_begun_before(const SampleRecord& record) const {
  return is_resumed_ && is_begun(note_, record);
}

std::optional<Step> DatasetStep::done(const SampleFiles& sample) const {
  if (!is_resumed_) return {};
  auto record = readable_record(root_, sample.id);
  if (!record || !is_begun_before(*record)) return {};
  for (const auto& [file, sha256] : record->files) {
    take_over(root_ / file, sha256);
    std::error_code error;
    if (!fs::exists(root_ / file, error) || sha256_of_file(root_ / file) != sha256) return {};
  }
  return record->steps.back();
}

void DatasetStep::commit(StagedSample& staged, const SampleFiles& sample, Step step,
                         const std::vector<std::string>& gone) const {
  // A record that cannot be read is not written over.
  SampleRecord record = read_record(root_, sample.id).value_or(SampleRecord());
  record.id = sample.id;
  if (!is_in_place_) record.files.clear();
  for (const std::string& file : gone) record.files.erase(file);
  if (is_begun_before(record)) record.steps.pop_back();
  record.steps.push_back(std::move(step));
  staged.commit(record);
}

void DatasetStep::finish() {
  list_samples(output_);
  end_unfinished(output_, note_.work.routine);
}

}  // namespace nicohort
