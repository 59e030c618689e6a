#include "dataset/decided_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/problem.hpp"
#include "base/written_files.hpp"
#include "dataset/moving.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/own_json.hpp"
#include "dataset/record.hpp"

namespace nicohort {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::size_t text_bytes = 64 << 20;

json json_of(const std::map<std::string, FileState>& states) {
  json value = json::object();
  for (const auto& [name, state] : states) value[name] = {state.bytes, state.modified};
  return value;
}

std::map<std::string, FileState> states_from(const json& value) {
  std::map<std::string, FileState> states;
  for (const auto& [name, numbers] : value.items())
    states[name] = {numbers.at(0), numbers.at(1), 0, 0};
  return states;
}

ChangePlan plan_from(const json& value) {
  ChangePlan plan;
  plan.id = value.at("id");
  plan.leaves = value.at("leaves");
  plan.folder = value.at("folder");
  plan.old_folder = value.at("old_folder");
  plan.inputs = states_from(value.at("inputs"));
  plan.added = states_from(value.at("added"));
  plan.removed = states_from(value.at("removed"));
  return plan;
}

[[noreturn]] void throw_foreign(const fs::path& file, const std::string& why) {
  throw MachineError(
      fmt::format("{} was not written by nicohort: {}; nothing was changed. Look at it, move it "
                  "away, and run the same command again",
                  file.string(), why));
}

void require_regular(const fs::path& file) {
  if (!fs::is_regular_file(fs::symlink_status(file)))
    throw_foreign(file, "it is not a regular file");
}

bool is_there(const fs::path& file) {
  std::error_code error;
  return fs::exists(fs::symlink_status(file, error));
}

// Nothing for a link, a folder and the like.
std::optional<FileState> regular_state(const fs::path& file) {
  try {
    return own_state_of(file);
  } catch (const BadInput&) {
    return {};
  }
}

bool has_content(const fs::path& file, const std::string& sha256) {
  const std::optional<FileState> state = regular_state(file);
  try {
    return state && state->exists() && sha256_of_file(file) == sha256;
  } catch (const BadInput&) {  // one that may not be read is not ours
    return false;
  }
}

std::string edited(const fs::path& file) {
  return fmt::format(
      "{}: was edited while nicohort was replacing it, and was kept; run the same command again to "
      "make it again",
      file.string());
}

}  // namespace

std::string plan_text(const ChangePlan& plan) {
  return json{{"id", plan.id},
              {"leaves", plan.leaves},
              {"folder", plan.folder},
              {"old_folder", plan.old_folder},
              {"inputs", json_of(plan.inputs)},
              {"added", json_of(plan.added)},
              {"removed", json_of(plan.removed)}}
             .dump(1, ' ', false, json::error_handler_t::replace) +
         "\n";
}

bool is_file_name_of(const std::string& id, const std::string& name) {
  return name.starts_with(id + "_") && name.find('/') == std::string::npos &&
         !name.ends_with(old_ending);
}

void require_sample_folder(const fs::path& dataset, const std::string& folder,
                           const std::string& id) {
  const fs::path path(folder);
  if (id.empty() || id.find('/') != std::string::npos || !is_record_name(id + ".json"))
    throw BadInput(ProblemKind::layout, "cannot be the ID of a sample; choose another");
  if (path.is_absolute() || path.filename() != id ||
      std::any_of(path.begin(), path.end(),
                  [](const fs::path& name) { return name.native().starts_with('.'); }))
    throw BadInput(ProblemKind::layout, folder + " cannot be the folder of this sample");
  require_no_links(dataset, path);
}

DecidedSample::DecidedSample(fs::path dataset, fs::path place, ChangePlan plan,
                             std::map<std::string, std::string> sha256, std::string record)
    : dataset_(std::move(dataset)),
      place_(std::move(place)),
      plan_(std::move(plan)),
      sha256_(std::move(sha256)),
      record_(std::move(record)) {}

DecidedSample DecidedSample::read(const fs::path& dataset, const fs::path& place) {
  const std::string id = place.filename().string();
  if (!fs::is_directory(fs::symlink_status(place))) throw_foreign(place, "it is not a folder");
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(place)) {
    require_regular(entry.path());
    files.push_back(entry.path().filename().string());
  }
  const auto has = [&](const std::string& name) {
    return std::find(files.begin(), files.end(), name) != files.end();
  };
  const fs::path record_file = place / staged_record_name;
  ChangePlan plan;
  plan.id = id;
  std::string record_text;
  SampleRecord record;
  try {
    if (has(plan_name)) plan = plan_from(parse_own_json(read_file(place / plan_name, text_bytes)));
    if (has(staged_record_name)) {
      record_text = read_file(record_file, text_bytes);
      record = parse_record(record_text, id);
    }
    const bool has_both = has(plan_name) && has(staged_record_name);
    if (plan.id != id || (has_both && plan.folder != record.folder))
      throw BadInput(ProblemKind::unreadable_file, "its plan belongs to another sample");
    if (!plan.folder.empty()) require_sample_folder(dataset, plan.folder, id);
    if (!plan.old_folder.empty()) require_sample_folder(dataset, plan.old_folder, id);
    if (plan.old_folder.empty() && !plan.removed.empty())
      throw BadInput(ProblemKind::unreadable_file, "its plan has no folder");
  } catch (const json::exception&) {
    throw_foreign(place, "its plan cannot be read");
  } catch (const BadInput& bad) {
    throw_foreign(place, bad.what());
  }
  if (has(staged_record_name) && !has(plan_name)) {
    // The plan goes last of all, so this change is in place; but a record may come back in a crash.
    std::error_code error;
    const fs::path in_place = OwnFolder(dataset).record(id);
    if (!is_there(in_place) || read_file(in_place, text_bytes) != record_text)
      throw_foreign(place, "it has no plan");
    record_text.clear();
  }
  if (has(staged_record_name) && plan.leaves) throw_foreign(place, "its plan has no record");
  for (const std::string& name : files) {
    const bool is_old = name.ends_with(old_ending);
    const std::string of = is_old ? name.substr(0, name.size() - 4) : name;
    if (name != plan_name && name != staged_record_name && name != old_record_name &&
        !is_file_name_of(id, of))
      throw_foreign(place / name, "the sample cannot have such a file");
    if (!is_old && has(staged_record_name) && is_file_name_of(id, name) &&
        (!record.files.contains(name) || (has(plan_name) && !plan.added.contains(name))))
      throw_foreign(place / name, "the record beside it does not name it");
  }
  for (const auto& [name, state] : plan.added)
    if (has(staged_record_name) && !record.files.contains(name))
      throw_foreign(place, "its record does not name " + name);
  for (const auto& [name, state] : plan.removed)
    if (!is_file_name_of(id, name)) throw_foreign(place, "its plan names " + name);
  return {dataset, place, std::move(plan), std::move(record.files), std::move(record_text)};
}

void DecidedSample::add(const std::string& name, const FileState& planned,
                        std::vector<std::string>& told) const {
  const fs::path target = dataset_ / plan_.folder / name;
  const std::optional<FileState> now = regular_state(target);
  if (now && now->is_same_content(planned) && move_out(place_, place_ / name, target))
    return was_written(target);
  // Renamed already, before a crash, or by a rename that said it had not been: NFS tries again.
  if (!has_content(target, sha256_.at(name))) told.push_back(edited(target));
}

void DecidedSample::remove(const std::string& name, const FileState& planned,
                           std::vector<std::string>& told) const {
  const fs::path target = dataset_ / plan_.old_folder / name;
  const std::optional<FileState> now = regular_state(target);
  if (now && !now->exists()) return;
  if (now && now->is_same_content(planned))
    move_in(place_, target, place_ / (name + old_ending));
  else
    told.push_back(edited(target));
}

void DecidedSample::move_record() const {
  const fs::path in_place = OwnFolder(dataset_).record(plan_.id);
  if (plan_.leaves) {
    move_in(place_, in_place, place_ / old_record_name);
  } else if (!move_out(place_, place_ / staged_record_name, in_place)) {
    if (!is_there(in_place) || read_file(in_place, text_bytes) != record_)
      throw MachineError(fmt::format("{} has disappeared; run the same command again",
                                     (place_ / staged_record_name).string()));
  }
}

std::vector<std::string> DecidedSample::move_into_place() const {
  std::vector<std::string> told;
  if (record_.empty() && !plan_.leaves) return told;
  require_own_place(place_);
  std::vector<fs::path> changed;
  if (!plan_.added.empty()) {
    changed.push_back(dataset_ / plan_.folder);
    make_folders(changed.back());
  }
  for (const auto& [name, planned] : plan_.added) add(name, planned, told);
  for (const auto& [name, planned] : plan_.removed) remove(name, planned, told);
  if (!plan_.removed.empty() && (plan_.added.empty() || plan_.old_folder != plan_.folder) &&
      is_there(dataset_ / plan_.old_folder))
    changed.push_back(dataset_ / plan_.old_folder);
  // An old name goes for sure when both folders are on the disk.
  if (!plan_.removed.empty()) flush_folder(place_);
  for (const fs::path& folder : changed) flush_folder(folder);
  move_record();
  return told;
}

// As far as they are empty.
void DecidedSample::remove_empty_folders() const {
  if (plan_.removed.empty() || plan_.old_folder == plan_.folder) return;
  for (fs::path folder = plan_.old_folder; !folder.empty(); folder = folder.parent_path())
    if (disk().rmdir(dataset_ / folder) != 0) return;
}

void DecidedSample::clear() const {
  if (plan_.leaves && is_there(place_)) flush_folder(place_);  // its record's old name
  remove_empty_folders();
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(place_, error), end; !error && entry != end;
       entry.increment(error))
    if (entry->path().filename() != plan_name) files.push_back(entry->path());
  files.push_back(place_ / plan_name);
  for (const fs::path& file : files)
    if (disk().unlink(file) != 0 && errno != ENOENT) throw_machine_error("remove", file);
  if (disk().rmdir(place_) != 0 && errno != ENOENT) throw_machine_error("remove", place_);
}

}  // namespace nicohort
