// What the parts of a transaction share; for transaction.cpp and staged_sample.cpp alone.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "dataset/checksums.hpp"
#include "dataset/decided_sample.hpp"
#include "dataset/lock.hpp"
#include "dataset/transaction.hpp"

namespace nicohort {

struct Transaction::State {
  State(std::filesystem::path of, Listener& told)
      : dataset(std::move(of)), listener(told), own(dataset) {}

  std::filesystem::path dataset;
  Listener& listener;
  OwnFolder own;
  Cache* cache = nullptr;
  std::optional<DatasetLock> lock = {};
  std::string token = {};
  Work noted = {};                     // without IDs
  std::vector<std::string> left = {};  // by the same command, when it was stopped; sorted
  bool is_begun = false;               // the work has changed a sample
  std::optional<Shard> shard = {};
  // joins: a shard that came after the first.
  bool joins = false, has_work = false, has_changed = false;
  std::optional<ChecksumsAtEnd> checksums = {};  // written by finish()

  std::mutex mutex = {};
  std::vector<DecidedSample> pending = {};  // in place, but not brought to the disk for sure

  std::filesystem::path staging() const { return own.staging() / token; }
  std::filesystem::path commit() const { return own.commit() / token; }

  void open(const Work* work_of_shard);  // none: not a shard
  LockOptions lock_options() const;
  bool try_lock(DatasetLock::Mode mode);  // false if somebody is there
  void lock_as_shard(const Work& work);
  // Whether another one holds a lease in this mode.
  bool is_shard_there(DatasetLock::Mode mode, bool without_flock) const;
  // theirs: the work of the shards that are there; none: who is there reads.
  [[noreturn]] void throw_other_work(const std::optional<Work>& theirs) const;
  void recover();
  void note(Work work);
  void note_to_make(const std::vector<std::string>& ids);
  void put_begun();
  void forget_progress();
  void mark_begun();  // on the disk before the first change is decided
  void put_own_file(const std::filesystem::path& file,
                    const std::function<void(OutputFile&)>& write);
  void put_own_text(const std::filesystem::path& file, std::string_view text);
  void make_own_token_folders();
  void remove_own_token_folders();
  // With the mutex held.
  void clear_pending();
  void add_pending(DecidedSample sample);
};

struct StagedSample::State {
  Transaction::State& transaction;
  ChangePlan plan;
  std::optional<SampleRecord> old = {};
  std::map<std::string, FileState> seen = {};  // own files by name, when it was staged
  std::map<std::filesystem::path, FileState> inputs = {};
  std::deque<OutputFile> files = {};
  bool is_decided = false;

  State(Transaction::State& of, const std::string& id, const std::filesystem::path& folder);
  ~State();

  std::filesystem::path place() const { return transaction.staging() / plan.id; }
  std::filesystem::path target(const std::string& name) const;
  FileState& own_state(const std::string& name);
  void plan_removal(const std::map<std::string, std::string>& kept);
  std::vector<std::filesystem::path> preserve(
      const std::map<std::string, std::string>& sha256) const;
  void write_text(const char* name, std::string_view text);
  void require_unchanged() const;
  Committed decide(const std::map<std::string, std::string>& sha256, const std::string& record);
};

}  // namespace nicohort
