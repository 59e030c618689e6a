#include "dataset/transaction.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <thread>
#include <utility>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/interrupt.hpp"
#include "base/sha256.hpp"
#include "base/wording.hpp"
#include "dataset/checksums.hpp"
#include "dataset/lease.hpp"
#include "dataset/moving.hpp"
#include "dataset/own_folders.hpp"
#include "dataset/recovery.hpp"
#include "dataset/transaction_state.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t pending_at_most = 64;
// For another shard to look after what was left and to note the work, or for a reader to end.
constexpr std::chrono::seconds shard_patience{60};
constexpr std::chrono::milliseconds shard_pause{200};

// Whether the work makes all of these samples anew.
bool makes_all(const Work& work, const std::vector<std::string>& ids) {
  const std::set<std::string> made(work.ids.begin(), work.ids.end());
  return work.from_archive && std::all_of(ids.begin(), ids.end(),
                                          [&](const std::string& id) { return made.contains(id); });
}

}  // namespace

void Transaction::State::open(const Work* work_of_shard) {
  make_folders(dataset);
  if (work_of_shard)
    lock_as_shard(*work_of_shard);
  else
    lock.emplace(dataset, DatasetLock::Mode::alone, listener);
  token = lock->token().text;
  make_own_folder(dataset, own.staging());
  make_own_folder(dataset, own.commit());
  if (!joins) recover();
  make_own_token_folders();
}

bool Transaction::State::try_lock(DatasetLock::Mode mode) {
  try {
    lock.emplace(dataset, mode, listener, lock_options());
    return true;
  } catch (const DatasetBusy&) {
    return false;
  }
}

LockOptions Transaction::State::lock_options() const {
  LockOptions options;
  if (shard) options.shard = shard->text();
  return options;
}

bool Transaction::State::is_shard_there(DatasetLock::Mode mode, bool without_flock) const {
  const std::vector<LeaseHolder> holders = other_holders(own.leases(), token);
  return std::any_of(holders.begin(), holders.end(), [&](const LeaseHolder& holder) {
    return !holder.shard.empty() && holder.mode == mode && !(without_flock && holder.has_flock);
  });
}

// Alone if nobody is there, else together with other shards of the same work. One of these that
// begins looks through the archive first, however long it takes. Where only leases are locks it
// takes long to see that others live, so who finds them at the same work asks for no more.
void Transaction::State::lock_as_shard(const Work& work) {
  const auto is_same = [&](const std::optional<Work>& theirs) {
    return theirs && theirs->is_same(work) && theirs->made_from == work.made_from;
  };
  auto start = std::chrono::steady_clock::now();
  bool is_told = false;
  for (;; std::this_thread::sleep_for(shard_pause)) {
    stop_if_interrupted();
    const bool is_shared =
        is_shard_there(DatasetLock::Mode::together, true) && is_same(read_unfinished(dataset));
    if (!is_shared && try_lock(DatasetLock::Mode::alone)) return;
    bool is_late = std::chrono::steady_clock::now() - start >= shard_patience;
    if (is_late && is_shard_there(DatasetLock::Mode::alone, false)) {
      if (!std::exchange(is_told, true))
        listener.warning(fmt::format("{}: waiting for another shard, which reads the archive",
                                     dataset.string()));
      start = std::chrono::steady_clock::now();
      is_late = false;
    }
    if (is_late)
      lock.emplace(dataset, DatasetLock::Mode::together, listener, lock_options());
    else if (!try_lock(DatasetLock::Mode::together))
      continue;
    const std::optional<Work> theirs = read_unfinished(dataset);
    joins = is_same(theirs);
    if (joins) {
      noted = *theirs;
      noted.ids.clear();
      return;
    }
    lock.reset();
    if (theirs && theirs->command == unknown_command && !is_late) continue;  // it is just replaced
    if (theirs || is_late) throw_other_work(theirs);
  }
}

// Names the shards that are there, but not those who read at the same time.
void Transaction::State::throw_other_work(const std::optional<Work>& theirs) const {
  std::vector<LeaseHolder> holders = other_holders(own.leases(), token);
  if (theirs)
    std::erase_if(holders, [](const LeaseHolder& holder) { return holder.shard.empty(); });
  const std::string what = theirs ? theirs->command + " with other options or another recipe"
                           : holders.empty() ? "it is reading"
                                             : "reading";
  throw DatasetBusy(fmt::format(
      "another nicohort process is using {}: {}{}; wait until it has finished, and run the same "
      "command again",
      dataset.string(), holders.empty() ? "" : text_of(holders) + ", ", what));
}

void Transaction::State::recover() {
  for (const std::string& sentence : recover_alone(dataset)) listener.warning(sentence);
}

void Transaction::State::make_own_token_folders() {
  for (const fs::path& folder : {staging(), commit()}) {
    if (disk().mkdir(folder) != 0) throw_machine_error("make the folder", folder);
    flush_folder(folder.parent_path());
  }
}

// By way of the token's folder, so that a process whose lock was broken cannot do it.
void Transaction::State::put_own_file(const fs::path& file,
                                      const std::function<void(OutputFile&)>& write) {
  const fs::path staged = staging() / file.filename();
  std::string sha256;
  struct stat folder {
  }, replaced{};
  {
    OutputFile output(staged);
    if (::stat(own.path().c_str(), &folder) == 0) output.give_to_group(folder.st_gid);
    if (::lstat(file.c_str(), &replaced) == 0 && S_ISREG(replaced.st_mode))
      output.set_mode(replaced.st_mode);
    write(output);
    sha256 = output.flush();
    output.close();
  }
  if (!move_out(staging(), staged, file) && sha256_of_file(file) != sha256)
    throw MachineError(
        fmt::format("{} has disappeared; run the same command again", staged.string()));
  flush_folder(file.parent_path());
}

void Transaction::State::put_own_text(const fs::path& file, std::string_view text) {
  put_own_file(file, [&](OutputFile& output) { output.write(text); });
}

void Transaction::State::note(Work work) {
  work.token = token;
  const std::optional<Work> stopped = read_unfinished(dataset);
  const std::vector<std::string> unfinished =
      stopped ? unfinished_samples(dataset, *stopped) : std::vector<std::string>();
  if (stopped) has_changed = true;  // by that one, which wrote no list of checksums any more
  if (stopped && stopped->is_same(work)) {
    left = samples_not_done(dataset, *stopped);
    if (stopped->made_from == work.made_from && stopped->chosen_by == work.chosen_by &&
        !stopped->token.empty())
      work.token = stopped->token;  // what its shards have noted holds
    const std::set<std::string> own_ids(work.ids.begin(), work.ids.end());
    for (const std::string& id : unfinished) {
      const auto owed = stopped->owed.find(id);
      const std::string& chosen_by =
          owed == stopped->owed.end() ? stopped->chosen_by : owed->second;
      // Else it was chosen again, and this sample is no longer among them.
      if (!own_ids.contains(id) && chosen_by != work.chosen_by) work.owed[id] = chosen_by;
    }
  } else if (!unfinished.empty() && !makes_all(work, unfinished)) {
    throw_unfinished(dataset, *stopped, unfinished);
  }
  if (!unfinished.empty())
    put_begun();  // an earlier version did not
  else if (work.token == token)
    forget_progress();
  std::sort(work.ids.begin(), work.ids.end());
  work.ids.erase(std::unique(work.ids.begin(), work.ids.end()), work.ids.end());
  put_own_text(own.unfinished(), unfinished_text(work));
  noted = std::move(work);
  noted.ids.clear();
}

// With other numbers of shards other processes had the samples: what they noted no longer holds.
void Transaction::State::note_to_make(const std::vector<std::string>& ids) {
  const Shard of = shard.value_or(Shard());
  make_own_folder(dataset, own.progress());
  for (const fs::path& file : progress_files(dataset))
    if (file != own.begun() &&
        !file.filename().string().ends_with(fmt::format("-{}.json", of.count)))
      move_in(staging(), file, staging() / "to_make.old");
  std::map<std::string, std::string> to_make;
  for (const std::string& id : ids) to_make[id] = sha256_of_record(dataset, id);
  for (const auto& [id, chosen_by] : noted.owed) to_make[id] = sha256_of_record(dataset, id);
  put_own_text(to_make_file(dataset, of), to_make_text(noted, of, to_make));
}

void Transaction::State::mark_begun() {
  const std::lock_guard guard(mutex);
  if (!is_begun && !noted.token.empty()) put_begun();
}

void Transaction::State::put_begun() {
  make_own_folder(dataset, own.progress());
  put_own_text(own.begun(), "{}\n");
  is_begun = true;
}

void Transaction::State::forget_progress() {
  const fs::path old = staging() / "progress.old";
  if (move_in(staging(), own.progress(), old)) remove_tree(old);
}

void Transaction::State::clear_pending() {
  if (pending.empty()) return;
  flush_folder(own.path());
  for (const DecidedSample& sample : pending) sample.clear();
  pending.clear();
}

void Transaction::State::add_pending(DecidedSample sample) {
  const std::lock_guard guard(mutex);
  has_changed = true;
  pending.push_back(std::move(sample));
  if (pending.size() >= pending_at_most) clear_pending();
}

Transaction::Transaction(const fs::path& dataset, Listener& listener)
    : state_(std::make_unique<State>(dataset, listener)) {
  state_->open(nullptr);
}

Transaction::Transaction(const fs::path& dataset, const Work& work, Listener& listener)
    : Transaction(dataset, listener) {
  begin(work);
}

Transaction::Transaction(const fs::path& dataset, const Work& work, const Shard& shard,
                         Listener& listener)
    : state_(std::make_unique<State>(dataset, listener)) {
  state_->shard = shard;
  state_->open(&work);
}

bool Transaction::has_joined() const {
  return state_->joins;
}

void Transaction::share() {
  state_->lock->share();
}

void Transaction::begin(const Work& work) {
  state_->has_work = true;
  state_->note(work);
  state_->checksums.emplace(state_->dataset);
}

// What is decided and not in place stays: the next command completes it.
void Transaction::State::remove_own_token_folders() {
  try {
    remove_tree(staging());
    disk().rmdir(commit());
  } catch (...) {  // as it does this
  }
}

Transaction::~Transaction() {
  State& s = *state_;
  try {
    const std::lock_guard guard(s.mutex);
    s.clear_pending();
  } catch (...) {
  }
  s.remove_own_token_folders();
}

StagedSample Transaction::stage(const std::string& id, const fs::path& folder) {
  return StagedSample(std::make_unique<StagedSample::State>(*state_, id, folder));
}

void Transaction::note_to_make(const std::vector<std::string>& ids) {
  state_->note_to_make(ids);
}

bool Transaction::was_left(const std::string& id) const {
  return std::binary_search(state_->left.begin(), state_->left.end(), id);
}

void Transaction::use(Cache& cache) {
  state_->cache = &cache;
}

Committed Transaction::remove(const SampleRecord& record) {
  StagedSample::State sample(*state_, record.id, {});
  sample.old = record;
  sample.plan.leaves = true;
  sample.plan.old_folder = record.folder;
  sample.plan_removal({});
  return sample.decide({}, "");
}

void Transaction::put_own_file(const fs::path& file, std::string_view text) {
  const std::lock_guard guard(state_->mutex);
  state_->has_changed = true;
  state_->put_own_text(file, text);
}

void Transaction::finish() {
  State& s = *state_;
  const std::lock_guard guard(s.mutex);
  s.clear_pending();
  s.cache = nullptr;
  if (s.shard) return s.note_to_make({});
  std::error_code error;
  if (s.has_changed || !fs::exists(s.own.checksums(), error))
    s.put_own_file(s.own.checksums(),
                   [&](OutputFile& list) { write_recorded_checksums(s.dataset, list); });
  s.checksums.reset();
  if (!s.has_work) return;
  if (s.noted.owed.empty()) {
    move_in(s.staging(), s.own.unfinished(), s.staging() / "unfinished.old");
    s.forget_progress();
    return;
  }
  s.put_own_text(s.own.unfinished(), unfinished_text(s.noted));
  s.listener.warning(fmt::format(
      "{}: {} was interrupted before, and {} of it {} not done yet, for example {}; run it again "
      "with the options that it had then",
      s.dataset.string(), s.noted.command, counted(s.noted.owed.size(), "sample"),
      s.noted.owed.size() == 1 ? "is" : "are", s.noted.owed.begin()->first));
}

}  // namespace nicohort
