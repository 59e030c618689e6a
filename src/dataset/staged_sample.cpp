#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/interrupt.hpp"
#include "base/problem.hpp"
#include "dataset/moving.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/recorded_files.hpp"
#include "dataset/transaction_state.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// What a file system takes, less the digits that a replaced file gets behind its name.
constexpr std::size_t longest_name = 255 - 9;

void require_possible_name(const std::string& id, const std::string& name) {
  if (name.size() > longest_name)
    throw BadInput(id, ProblemKind::layout,
                   fmt::format("needs a file name of {} bytes, but only {} are possible; shorten "
                               "the names from which it is made",
                               name.size(), longest_name));
}

struct stat status_of(const fs::path& file) {
  struct stat status {};
  if (::stat(file.c_str(), &status) != 0) throw_machine_error("examine", file);
  return status;
}

}  // namespace

StagedSample::State::State(Transaction::State& of, const std::string& id, const fs::path& folder)
    : transaction(of) {
  blaming(id, [&] {
    if (!folder.empty() || !is_record_name(id + ".json") || id.find('/') != std::string::npos)
      require_sample_folder(of.dataset, folder.generic_string(), id);
  });
  require_possible_name(id, id + ".json");
  plan.id = id;
  plan.folder = folder.generic_string();
  old = readable_record(of.dataset, id);
  if (old && old->is_written()) {
    plan.old_folder = old->folder;
    blaming(id, [&] { require_sample_folder(of.dataset, plan.old_folder, id); });
    for (const auto& [name, sha256] : old->files)
      seen[name] = own_state_of(of.dataset / plan.old_folder / name);
  }
  {
    // One that was changed before in this transaction.
    const std::lock_guard lock(of.mutex);
    if (std::any_of(of.pending.begin(), of.pending.end(),
                    [&](const DecidedSample& sample) { return sample.id() == id; }))
      of.clear_pending();
  }
  if (disk().mkdir(place()) == 0) return;
  if (errno == EEXIST)
    throw BadInput(id, ProblemKind::layout,
                   "is being made twice at the same time; give the samples different IDs");
  const int code = errno;
  require_own_place(of.staging());
  errno = code;
  throw_machine_error("make the folder", place());
}

StagedSample::State::~State() {
  if (is_decided) return;
  files.clear();
  try {
    remove_tree(place());
    // If it was made for this sample; it is not removed unless it is empty.
    if (!plan.folder.empty()) disk().rmdir(transaction.dataset / plan.folder);
  } catch (...) {  // the next command removes it
  }
}

fs::path StagedSample::State::target(const std::string& name) const {
  return transaction.dataset / plan.folder / name;
}

// A file that is not on record was never nicohort's.
FileState& StagedSample::State::own_state(const std::string& name) {
  const bool is_recorded = old && old->folder == plan.folder && old->files.contains(name);
  if (is_recorded) return seen[name];
  const auto [entry, is_new] = plan.added.try_emplace(name);
  if (is_new) entry->second = own_state_of(target(name));
  return entry->second;
}

void StagedSample::State::plan_removal(const std::map<std::string, std::string>& kept) {
  if (!old) return;
  const bool is_same_folder = old->folder == plan.folder && !plan.leaves;
  for (const auto& [name, sha256] : old->files)
    if (!is_same_folder || !kept.contains(name)) plan.removed[name] = seen[name];
}

// sha256: of the new files. Nothing is lost where one is there already: of another shard, perhaps,
// which has not come to the record yet.
std::vector<fs::path> StagedSample::State::preserve(
    const std::map<std::string, std::string>& sha256) const {
  std::vector<fs::path> preserved;
  fs::path own = fs::absolute(transaction.dataset).lexically_normal();
  if (!own.has_filename()) own = own.parent_path();  // `grouped/`
  const auto keep = [&](const std::string& folder, const std::string& name) {
    const fs::path file = transaction.dataset / folder / name;
    const std::string edited = sha256_of_file(file);
    const auto replacing = sha256.find(name);
    if (folder == plan.folder && replacing != sha256.end() && replacing->second == edited) return;
    const fs::path place = own.parent_path() / descriptor_folder / "replaced" /
                           fmt::format("{}.{}", name, edited.substr(0, 8));
    AtomicFile output(place);
    copy_into(output, file);
    output.commit();
    preserved.push_back(place);
  };
  const auto keep_edited = [&](const std::string& folder,
                               const std::map<std::string, FileState>& states) {
    for (const auto& [name, state] : states)
      if (state.exists() && !(old && is_as_recorded(transaction.dataset, *old,
                                                    fs::path(folder) / name, transaction.cache)))
        keep(folder, name);
  };
  keep_edited(plan.folder, plan.added);
  keep_edited(plan.old_folder, plan.removed);
  return preserved;
}

void StagedSample::State::write_text(const char* name, std::string_view text) {
  OutputFile file(place() / name);
  file.give_to_group(status_of(transaction.own.path()).st_gid);
  file.write(text);
  file.flush();
  file.close();
}

void StagedSample::State::require_unchanged() const {
  const auto require = [&](const fs::path& file, const FileState& before, const FileState& now) {
    if (now != before)
      throw BadInput(plan.id, ProblemKind::changed_file,
                     file.lexically_relative(transaction.dataset).generic_string() +
                         " was changed while the sample was made; the sample was not changed: run "
                         "the same command again");
  };
  for (const auto& [file, before] : inputs) require(file, before, state_of(file));
  for (const auto& [name, before] : plan.added)
    require(target(name), before, own_state_of(target(name)));
  for (const auto& [name, before] : plan.removed) {
    const fs::path file = transaction.dataset / plan.old_folder / name;
    require(file, before, own_state_of(file));
  }
}

Committed StagedSample::State::decide(const std::map<std::string, std::string>& sha256,
                                      const std::string& record) {
  Committed committed{preserve(sha256), {}};
  for (const auto& [file, state] : inputs) plan.inputs[file.generic_string()] = state;
  if (!plan.leaves) write_text(staged_record_name, record);
  write_text(plan_name, plan_text(plan));
  flush_folder(place());
  if (!plan.leaves) transaction.mark_begun();
  if (!plan.folder.empty()) require_no_links(transaction.dataset, plan.folder);
  require_unchanged();
  stop_if_interrupted();

  const fs::path decided = transaction.commit() / plan.id;
  if (disk().rename(place(), decided) != 0) {
    if (errno != ENOENT) throw_machine_error("rename", place());
    require_own_place(decided);  // NFS says it of what it has done, when it tries again
  }
  is_decided = true;
  // In this order: under both names it would be dropped under one.
  flush_folder(transaction.staging());
  flush_folder(transaction.commit());
  DecidedSample sample(transaction.dataset, decided, plan, sha256, record);
  std::map<std::string, FileState> staged;
  if (transaction.cache)
    for (const auto& [name, before] : plan.added) staged[name] = state_of(decided / name);
  committed.left = sample.move_into_place();
  // So that nobody has to read them to know, unless somebody has edited them already.
  for (const auto& [name, before] : staged)
    if (const FileState now = state_of(target(name));
        now.inode == before.inode && now.is_same_content(before))
      transaction.cache->put_written(key_of(fs::path(plan.folder) / name), now, sha256.at(name));
  transaction.add_pending(std::move(sample));
  return committed;
}

StagedSample::StagedSample(std::unique_ptr<State> state) : state_(std::move(state)) {}
StagedSample::StagedSample(StagedSample&&) noexcept = default;
StagedSample::~StagedSample() = default;

void StagedSample::watch(const fs::path& input) {
  const FileState seen = state_of(input);
  const std::string name = input.filename().string();
  const bool is_own =
      state_->old && state_->old->files.contains(name) &&
      input.lexically_normal() ==
          (state_->transaction.dataset / state_->old->folder / name).lexically_normal();
  if (is_own) state_->seen[name] = seen;
  state_->inputs[input] = seen;
}

OutputFile& StagedSample::add(const std::string& name) {
  State& s = *state_;
  if (!is_file_name_of(s.plan.id, name) || s.plan.folder.empty())
    throw BadInput(s.plan.id, ProblemKind::layout,
                   name + " cannot be the name of a file of this sample");
  require_possible_name(s.plan.id, name);
  const fs::path folder = s.transaction.dataset / s.plan.folder;
  make_folders(folder);
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw_machine_error("write to", folder);
  s.plan.added[name] = s.own_state(name);
  OutputFile& file = s.files.emplace_back(s.place() / name);
  struct stat replaced {};
  const bool replaces = ::lstat(s.target(name).c_str(), &replaced) == 0;
  file.give_to_group(status_of(folder).st_gid);
  if (replaces) file.set_mode(replaced.st_mode);
  return file;
}

Committed StagedSample::commit(SampleRecord& record) {
  State& s = *state_;
  if (record.id != s.plan.id || record.folder != s.plan.folder)
    throw MachineError("the record of " + record.id + " was given to " + s.plan.id +
                       "; report this as a bug");
  for (OutputFile& file : s.files) {
    record.files[file.path().filename().string()] = file.flush();
    file.close();
  }
  s.plan_removal(record.files);
  return s.decide(record.files, record_text(record));
}

}  // namespace nicohort
