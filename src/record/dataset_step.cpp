#include "record/dataset_step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/checksums.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;

DatasetStep::DatasetStep(const fs::path& root, const fs::path& output, MaskWork kind, Step step,
                         const std::vector<SampleFiles>& samples, bool skip_existing)
    : root_(root), output_(output) {
  std::error_code error;
  is_in_place_ = fs::equivalent(root, output, error);
  note_.command = step.routine;
  note_.step = std::move(step);
  note_.skip_existing = skip_existing;
  if (!is_in_place_) {
    note_.source = printable(fs::canonical(root).string());
    require_finished(root);
  }
  require_finished(output, note_.command);
  if (const auto begun = unfinished_note(output, note_.command))
    go_on(*begun, is_in_place_ && kind == MaskWork::changes);
  for (const SampleFiles& sample : samples) {
    const auto record = is_in_place_ ? readable_record(root, sample.id) : std::nullopt;
    note_.owed.try_emplace(
        sample.id, OwedSample{sample.folder.begin()->string(),
                              record ? times_in_a_row(*record, *note_.step) : std::size_t{0}});
  }
  put_note(output, note_);
}

void DatasetStep::go_on(const Note& note, bool reads_what_it_writes) {
  const std::string here = fmt::format("{}: {} was stopped here", output_.string(), note_.command);
  if (!note.step)
    throw UsageError(here +
                     ", and no word is left of what it had done; begin anew with confirm_pairs or "
                     "run");
  if (note.source != note_.source)
    throw UsageError(
        fmt::format("{} while it worked on {}; start that again, or name another "
                    "--output_dir",
                    here, note.source.empty() ? "this dataset" : note.source));
  if (note.step->is_same_work(*note_.step)) {
    note_.owed = note.owed;
    note_.skip_existing &= note.skip_existing;
    note_.replaces_begun = note.replaces_begun;
    is_resumed_ = true;
    return;
  }
  if (reads_what_it_writes || note_.skip_existing)
    throw UsageError(
        fmt::format("{} while it worked with other options, of nicohort {}: {}; give "
                    "it the same again, or {}",
                    here, note.step->version, note.step->parameters.dump(),
                    reads_what_it_writes ? "begin anew with confirm_pairs or run"
                                         : "leave out --skip_existing"));
  note_.replaces_begun = true;
}

bool DatasetStep::is_begun_before(const SampleRecord& record) const {
  return is_resumed_ && is_begun(note_, record);
}

// A step writes masks; volume and info file are not its own.
bool DatasetStep::has_masks_as_recorded(const SampleFiles& sample,
                                        const SampleRecord& record) const {
  return std::all_of(record.files.begin(), record.files.end(), [&](const auto& entry) {
    const auto& [file, sha256] = entry;
    if (file == sample.volume() || file == sample.info()) return true;
    take_over(output_ / file, sha256);
    std::error_code error;
    return fs::exists(output_ / file, error) && sha256_of_file(output_ / file) == sha256;
  });
}

std::optional<Step> DatasetStep::done(const SampleFiles& sample) const {
  if (!is_in_place_) return {};  // the masks that it reads may have changed since
  const auto record = readable_record(root_, sample.id);
  if (!record || !is_begun_before(*record) || !has_masks_as_recorded(sample, *record)) return {};
  return record->steps.back();
}

bool DatasetStep::skips_existing(const SampleFiles& sample) const {
  if (!note_.skip_existing) return false;
  const auto record = readable_record(output_, sample.id);
  if (!record || !is_begun_before(*record)) return true;
  return !is_in_place_ && has_masks_as_recorded(sample, *record);
}

void DatasetStep::commit(StagedSample& staged, const SampleFiles& sample, Step step,
                         const std::vector<std::string>& gone) const {
  // A record that cannot be read is not written over.
  SampleRecord record = read_record(root_, sample.id).value_or(SampleRecord());
  record.id = sample.id;
  if (!is_in_place_)  // which may be a copy of the dataset, or have masks of an earlier step
    record.files = read_record(output_, sample.id).value_or(SampleRecord()).files;
  else if (is_begun_before(record))
    record.steps.pop_back();
  for (const std::string& file : gone) record.files.erase(file);
  record.steps.push_back(std::move(step));
  staged.commit(record);
}

void DatasetStep::finish() {
  list_samples(output_);
  end_note(output_, note_.command);
}

}  // namespace nicohort
