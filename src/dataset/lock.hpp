// Who is at work on a dataset (TRANSACTIONS, "One lock").
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/listener.hpp"
#include "dataset/token.hpp"

namespace nicohort {

// How leases are kept; tests have less time.
struct LeaseTimes {
  std::chrono::milliseconds beat{15'000}, dead{120'000}, look{1'000};
};
struct LockOptions {
  LeaseTimes times = {};
  // Whether the file system carries flock(2) to all that use it; found out if it is not said.
  std::optional<bool> carries_flock = {};
  std::string shard = {};  // of a run, as `3/8`; told to others
};

// Somebody holds it who excludes.
class DatasetBusy : public MachineError {
 public:
  using MachineError::MachineError;
};

// Held as long as it lives. Alone: a command that writes. Together: commands that read, and the
// shards of one run.
class DatasetLock {
 public:
  enum class Mode { alone, together };

  // Throws DatasetBusy that says who holds it (process, host, since when) if somebody is there
  // who excludes. It is a flock(2); where that fails, or may not reach other machines, a lease is a
  // lock as well, and the listener is warned. A lease of a machine that does not answer is waited
  // for until it is dead. A reader that may not write (read-only disk) goes on without.
  DatasetLock(const std::filesystem::path& dataset, Mode mode, Listener& listener,
              const LockOptions& options = {});
  ~DatasetLock();
  DatasetLock(const DatasetLock&) = delete;
  DatasetLock& operator=(const DatasetLock&) = delete;

  // From alone to together. Who came in between has the other lock, and this throws DatasetBusy.
  void share();

  // Its holder's, of this very lock.
  const Token& token() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace nicohort
