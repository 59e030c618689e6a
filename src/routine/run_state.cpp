#include "routine/run_state.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cohort/pseudonym.hpp"
#include "cohort/yaml.hpp"
#include "nifti/image_file.hpp"
#include "record/sample_record.hpp"
#include "record/unfinished.hpp"
#include "routine/splits.hpp"
#include "run/archive_image.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

bool all_untouched(const fs::path& root, const std::vector<FileRecord>& files) {
  return std::all_of(files.begin(), files.end(),
                     [&](const FileRecord& file) { return is_untouched(root, file); });
}

// Whether the record has the images as the run wrote them: a command that was killed may have
// recorded what it did not come to write.
bool is_of_these(const SampleRecord& record, const std::vector<FileRecord>& outputs) {
  return std::all_of(outputs.begin(), outputs.end(), [&](const FileRecord& output) {
    const fs::path file = fs::path(output.path).lexically_relative(dataset_folder);
    if (*file.begin() == "..") return true;  // a picture of the report
    const auto recorded = record.files.find(file.generic_string());
    return recorded != record.files.end() && recorded->second == output.sha256;
  });
}

// Nor may one have done more to the sample since.
bool has_steps(const SampleRecord& record, const std::vector<Step>& steps) {
  return std::equal(record.steps.begin(), record.steps.end(), steps.begin(), steps.end(),
                    [](const Step& a, const Step& b) { return a.is_same_work(b); });
}

}  // namespace

std::string fingerprint(const RunState& run) {
  std::vector<std::string> lines;
  auto add = [&](const fs::path& path) {
    FileRecord file = look_at(run.root(), path.lexically_relative(run.root()).generic_string());
    lines.push_back(fmt::format("{}\t{}\t{}", file.path, file.bytes, file.changed));
  };
  std::error_code error;
  fs::recursive_directory_iterator entries(run.names.root(),
                                           fs::directory_options::skip_permission_denied, error);
  for (; entries != fs::recursive_directory_iterator(); entries.increment(error)) {
    std::error_code unknown;  // of a link that leads nowhere or back to itself
    if (!entries->is_directory(unknown)) add(entries->path());
  }
  std::sort(lines.begin(), lines.end());
  for (const SplitPlan& plan : run.pipeline.splits)
    if (plan.exclude_rejected) add(review_beside(run.root() / dataset_manifest));
  for (const auto& [label, name] : run.pipeline.labels)
    lines.push_back(fmt::format("{}={}", label, name));
  lines.push_back(run.options.recipe.empty() ? "built-in recipe"
                                             : read_small_text(run.options.recipe));
  lines.push_back(
      fmt::format("{} {}", NICOHORT_VERSION, static_cast<int>(run.options.compression)));
  Sha256 hash;
  for (std::string& line : lines) line += '\n';
  for (const std::string& line : lines) hash.update(std::as_bytes(std::span(line)));
  return hash.finish();
}

bool is_up_to_date(const RunState& run, const std::string& now) {
  auto tables = run.journal.tables();
  if (run.options.force || !tables || tables->fingerprint != now ||
      !all_untouched(run.root(), tables->outputs) ||
      !unfinished(run.root() / dataset_folder).empty())
    return false;
  std::error_code error;
  for (const auto& [id, outcome] : run.journal.samples())
    if (!all_untouched(run.root(), outcome.outputs) ||
        (outcome.written && !fs::exists(record_path(run.root() / dataset_folder, id), error)))
      return false;
  return true;
}

std::string why(const RunState& run, const SampleJob& job) {
  if (run.options.force) return "--force";
  auto known = run.journal.sample(job.sample.info.id);
  if (!known) return "new";
  if (known->parameters != parameters_of(job))
    return "parameters, files or program version changed";
  for (const FileRecord& input : known->inputs) {
    if (input.sha256.empty()) return "one of its images could not be used";
    if (is_changed(run.names, input)) return input.path + " changed";
  }
  if (known->written) {
    const auto record = readable_record(run.root() / dataset_folder, job.sample.info.id);
    if (!record) return "its record is missing or damaged";
    if (!is_of_these(*record, known->outputs)) return "its record is of other files";
    if (!has_steps(*record, steps_of(job))) return "its record is of other work";
  }
  for (const FileRecord& output : known->outputs)
    if (!is_untouched(run.root(), output))
      return output.path +
             (look_at(run.root(), output.path).bytes < 0 ? " is missing" : " changed");
  return "";
}

Header open_header(const RunState& run, const std::string& image) {
  return run.names.open(image, [](const fs::path& file) { return read_header(file); });
}

void require_same_naming(const RunState& run, const std::string& naming) {
  const std::string& before = run.journal.naming();
  const fs::path dataset = run.root() / dataset_folder;
  std::error_code error;
  const bool is_new = run.journal.samples().empty() &&
                      !fs::exists(run.root() / archive_manifest, error) &&
                      (!fs::exists(dataset, error) || fs::is_empty(dataset, error));
  // Also by single commands, or where the journal is lost.
  const bool has_pseudonyms =
      !before.empty() || (run.journal.samples().empty() && is_pseudonymized(dataset));
  if ((naming == before && naming.empty() != has_pseudonyms) || (before.empty() && is_new)) return;
  throw UsageError(fmt::format(
      "{}: what is here was made {}; {}, or begin in a new folder, where archive may be "
      "a symbolic link",
      run.root().string(),
      naming.empty()   ? "with the pseudonyms of a key"
      : before.empty() ? "without pseudonyms, or by other commands"
                       : "with the pseudonyms of a key",
      naming.empty()   ? "give --pseudonymize that key"
      : before.empty() ? "leave --pseudonymize out"
                       : "give --pseudonymize that key"));
}

}  // namespace nicohort
