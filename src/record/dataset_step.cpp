#include "record/dataset_step.hpp"

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/problem.hpp"
#include "record/checksums.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t note_bytes = 64 << 20;

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

}  // namespace

fs::path unfinished_folder(const fs::path& dataset) {
  return dataset / ".nicohort" / "unfinished";
}

void forget_unfinished(const fs::path& dataset) {
  std::error_code error;
  fs::remove_all(unfinished_folder(dataset), error);
}

DatasetStep::DatasetStep(const fs::path& root, const fs::path& output, Step step,
                         const std::vector<SampleFiles>& samples)
    : root_(root),
      output_(output),
      note_(unfinished_folder(output) / (step.routine + ".json")),
      step_(std::move(step)) {
  std::error_code error;
  is_in_place_ = fs::equivalent(root, output, error);
  if (!is_in_place_) return;
  const nlohmann::json work{{"parameters", step_.parameters}, {"version", step_.version}};
  try {
    const auto note = nlohmann::json::parse(read_file(note_, note_bytes));
    if (note.at("work") == work) {
      repeated_ = note.at("repeated").get<std::map<std::string, std::size_t>>();
      is_resumed_ = true;
      return;
    }
  } catch (const BadInput&) {  // there is none
  } catch (const nlohmann::json::exception&) {
  }
  for (const SampleFiles& sample : samples)
    if (auto record = readable_record(root, sample.id))
      if (std::size_t times = times_in_a_row(*record, step_)) repeated_[sample.id] = times;
  write_file(note_, nlohmann::json{{"work", work}, {"repeated", repeated_}}.dump() + "\n");
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
  if (!is_in_place_) return;
  std::error_code error;
  fs::remove(note_, error);
  fs::remove(note_.parent_path(), error);  // if it is empty
}

}  // namespace nicohort
