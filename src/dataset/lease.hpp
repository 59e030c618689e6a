// A file that says who is at work, `{dataset}/.nicohort/lease/{token}`, and that he lives: a
// counter in it goes on. It tells who holds a lock, and stands in for a lock where flock(2) is
// none.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "dataset/lock.hpp"
#include "dataset/token.hpp"

namespace nicohort {

// What a lease says.
struct LeaseHolder {
  Token token;
  std::string since;  // by its own clock, for people
  DatasetLock::Mode mode = DatasetLock::Mode::alone;
  bool has_flock = false;  // it holds a flock(2) that reaches every machine
  bool wants = false;      // no lock yet: it looks whether another lease excludes it
  std::string shard = {};  // of a run, as `3/8`; empty: it is none
  long beats = 0;
};
// `process 12 on host since 2025-11-01 12:00:00`, and `(shard 3/8)` of one
std::string text_of(const LeaseHolder& holder);
// Of many, as shards are, the first, and how many more.
std::string text_of(const std::vector<LeaseHolder>& holders);

class Lease {
 public:
  // Throws MachineError.
  Lease(const std::filesystem::path& folder, LeaseHolder holder, std::chrono::milliseconds beat);
  ~Lease();  // removes it
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  void set_mode(DatasetLock::Mode mode);
  void hold();  // and want no more

 private:
  bool write();
  void beat(std::chrono::milliseconds every);

  std::filesystem::path file_;
  LeaseHolder holder_;
  int descriptor_ = -1;
  bool is_over_ = false;
  std::mutex mutex_;
  std::condition_variable over_;
  std::thread thread_;
};

// Nothing for one that is gone, or cannot be read (yet).
std::optional<LeaseHolder> read_lease(const std::filesystem::path& file);

// The others' leases in a folder.
std::vector<std::filesystem::path> other_leases(const std::filesystem::path& folder,
                                                const std::string& own);

// What these say, but those of processes that are known to be gone.
std::vector<LeaseHolder> other_holders(const std::filesystem::path& folder, const std::string& own);

// Who is at work. Of other machines only those whose counter goes on: where there are such leases
// it takes a little longer than a beat to know.
std::vector<LeaseHolder> living_holders(const std::filesystem::path& folder,
                                        const LeaseTimes& times = {});

}  // namespace nicohort
