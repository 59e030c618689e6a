#include "record/dataset_step.hpp"

#include <fmt/format.h>

#include "base/problem.hpp"
#include "base/sha256.hpp"
#include "record/checksums.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;

DatasetStep::DatasetStep(const fs::path& root, const fs::path& output, MaskWork kind, Step step,
                         const std::vector<SampleFiles>& samples, bool skip_existing)
    : root_(root), output_(output) {
  std::error_code error;
  is_in_place_ = fs::equivalent(root, output, error);
  reads_what_it_writes_ = is_in_place_ && kind == MaskWork::changes;
  note_.command = step.routine;
  note_.step = std::move(step);
  note_.skip_existing = skip_existing;
  if (!is_in_place_)
    note_.source =
        printable(fs::canonical(root).lexically_relative(fs::weakly_canonical(output)).string());
  require_finished(output, note_.command);
  if (const auto stopped = unfinished_note(output, note_.command)) go_on(*stopped);
  note_ = put_note(output, std::move(note_), ids_of(samples));
}

void DatasetStep::go_on(const Note& stopped) {
  const std::string here = fmt::format("{}: {} was stopped here", output_.string(), note_.command);
  if (!stopped.step)
    throw UsageError(here +
                     ", and no word is left of what it had done; begin anew with "
                     "confirm_pairs or run, or take the samples out");
  if (stopped.source != note_.source)
    throw UsageError(
        fmt::format("{} while it worked on {}; start that again, or name another "
                    "--output_dir",
                    here, stopped.source.empty() ? "this dataset" : stopped.source));
  is_resumed_ = stopped.step->is_same_work(*note_.step);
  if (!is_resumed_ && (reads_what_it_writes_ || note_.skip_existing))
    throw UsageError(
        fmt::format("{} while it worked with other options, of nicohort {}: {}; give "
                    "it the same again, or {}",
                    here, stopped.step->version, stopped.step->parameters.dump(),
                    reads_what_it_writes_
                        ? "begin anew with confirm_pairs or run, or take out what it had begun"
                        : "leave out --skip_existing"));
  note_.skip_existing &= stopped.skip_existing;
  finish_commits(output_);
}

std::optional<SampleRecord> DatasetStep::begun(const SampleFiles& sample) const {
  // Where another dataset is read, its masks may have changed since.
  if (!is_resumed_ || !is_in_place_) return {};
  auto record = readable_record(root_, sample.id);
  if (!record || !is_begun(note_, *record) || record->steps.empty() ||
      !record->steps.back().is_same_work(*note_.step))
    return {};
  return record;
}

std::optional<Step> DatasetStep::done(const SampleFiles& sample,
                                      const std::vector<fs::path>& masks) const {
  const auto record = begun(sample);
  if (!record) return {};
  for (const fs::path& mask : masks) {
    const auto recorded = record->files.find(mask.generic_string());
    if (recorded == record->files.end()) continue;
    std::error_code error;
    const bool is_there = fs::exists(root_ / mask, error);
    if (is_there && sha256_of_file(root_ / mask) == recorded->second) continue;
    if (!reads_what_it_writes_) return {};
    if (is_there)
      throw BadInput(mask.generic_string(),
                     fmt::format("was changed after {} had written it and was stopped; make the "
                                 "sample anew with confirm_pairs or run",
                                 note_.command));
  }
  return record->steps.back();
}

bool DatasetStep::skips_existing(const SampleFiles& sample) const {
  return note_.skip_existing && !begun(sample);
}

void DatasetStep::commit(StagedSample& staged, const SampleFiles& sample, Step step,
                         const std::vector<std::string>& gone) const {
  // A record that cannot be read is not written over.
  SampleRecord record = read_record(root_, sample.id).value_or(SampleRecord());
  record.id = sample.id;
  if (!is_in_place_)  // which may be a copy of the dataset, or have masks of an earlier step
    record.files = read_record(output_, sample.id).value_or(SampleRecord()).files;
  if (begun(sample)) record.steps.pop_back();
  for (const std::string& file : gone) record.files.erase(file);
  record.steps.push_back(std::move(step));
  staged.commit(record);
}

void DatasetStep::finish() {
  list_samples(output_);
  end_note(output_, note_.command);
}

}  // namespace nicohort
