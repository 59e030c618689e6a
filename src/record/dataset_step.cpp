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

std::size_t times_in_a_row(const SampleRecord& record, const Step& step) {
  auto other = std::find_if(record.steps.rbegin(), record.steps.rend(),
                            [&](const Step& done) { return !done.is_same_work(step); });
  return other - record.steps.rbegin();
}

// Damaged records are verify's to complain of; a command goes on without them.
std::optional<SampleRecord> readable_record(const fs::path& dataset, const std::string& id) {
  try {
    return read_record(dataset, id);
  } catch (const BadInput&) {
    return {};
  }
}

// What the stopped command noted. Throws UsageError if that did other work.
std::map<std::string, std::size_t> repeated_after(const nlohmann::json& note,
                                                  const nlohmann::json& work, const fs::path& root,
                                                  const std::string& routine) {
  try {
    if (note.at("work") == work)
      return note.at("repeated").get<std::map<std::string, std::size_t>>();
  } catch (const nlohmann::json::exception&) {  // it worked into this folder from another
  }
  throw UsageError(fmt::format(
      "{}: {} was stopped here while it worked with other options{}; give it the same again, or "
      "begin anew with confirm_pairs or run",
      root.string(), routine, note.contains("work") ? ": " + note["work"].dump() : ""));
}

}  // namespace

DatasetStep::DatasetStep(const fs::path& root, const fs::path& output, Step step,
                         const std::vector<SampleFiles>& samples)
    : root_(root), output_(output), step_(std::move(step)) {
  std::error_code error;
  is_in_place_ = fs::equivalent(root, output, error);
  require_finished(output, step_.routine);
  if (!is_in_place_) {
    require_finished(root);
    put_unfinished(output, step_.routine);
    return;
  }
  const nlohmann::json work{{"parameters", step_.parameters}, {"version", step_.version}};
  if (const auto note = unfinished_note(root, step_.routine)) {
    repeated_ = repeated_after(*note, work, root, step_.routine);
    is_resumed_ = true;
    return;
  }
  for (const SampleFiles& sample : samples)
    if (auto record = readable_record(root, sample.id))
      if (std::size_t times = times_in_a_row(*record, step_)) repeated_[sample.id] = times;
  put_unfinished(root, step_.routine, {{"work", work}, {"repeated", repeated_}});
}

bool DatasetStep::is_begun(const SampleRecord& record) const {
  auto before = repeated_.find(record.id);
  return is_resumed_ &&
         times_in_a_row(record, step_) > (before == repeated_.end() ? 0 : before->second);
}

std::optional<Step> DatasetStep::done(const SampleFiles& sample) const {
  if (!is_resumed_) return {};
  auto record = readable_record(root_, sample.id);
  if (!record || !is_begun(*record)) return {};
  for (const auto& [file, sha256] : record->files) {
    take_over(root_ / file, sha256);
    std::error_code error;
    if (!fs::exists(root_ / file, error) || sha256_of_file(root_ / file) != sha256) return {};
  }
  return record->steps.back();
}

void DatasetStep::commit(StagedSample& staged, const SampleFiles& sample, Step step) const {
  // A record that cannot be read is not written over.
  SampleRecord record = read_record(root_, sample.id).value_or(SampleRecord());
  record.id = sample.id;
  if (!is_in_place_) record.files.clear();
  if (is_begun(record)) record.steps.pop_back();
  record.steps.push_back(std::move(step));
  staged.commit(record);
}

void DatasetStep::finish() {
  list_samples(output_);
  end_unfinished(output_, step_.routine);
}

}  // namespace nicohort
