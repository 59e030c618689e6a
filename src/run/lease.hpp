// Who is at work where the file system has no locks, or does not carry them to other machines. A
// holder has a file of its own in a folder of leases and rewrites it as long as it lives.
//
// No two machines' clocks are compared: a holder on this machine is dead if its process is gone,
// any other one if its file stays the same for `lease_is_dead_after` by the clock of who looks at
// it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>

#include "base/problem.hpp"

namespace nicohort {

inline constexpr std::chrono::seconds lease_is_renewed_every{15}, lease_is_dead_after{120};

// Time as those see it who wait for a lease.
class LeaseClock {
 public:
  virtual ~LeaseClock() = default;
  virtual std::chrono::steady_clock::time_point now() = 0;
  virtual void wait(std::chrono::milliseconds time) = 0;

  static LeaseClock& of_machine();  // throws Interrupted out of wait() when a signal has come
};

class Lease {
 public:
  enum class Mode { alone, together };

  // Somebody holds one that excludes this one.
  class Busy : public MachineError {
   public:
    using MachineError::MachineError;
  };

  // Makes the folder if need be. Leases of dead holders go. Throws Busy, which says who holds it:
  // `process 12 on host since 2025-10-31 12:00:00`; MachineError where it cannot be written;
  // BadInput where the folder is a symbolic link.
  Lease(const std::filesystem::path& folder, Mode mode,
        LeaseClock& clock = LeaseClock::of_machine());
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  // To be called every `lease_is_renewed_every`. Gives whether it is still held: another may have
  // taken its holder for dead, and the holder may not go on then.
  bool renew();

 private:
  void put();
  void let_go();
  void look_at_others(LeaseClock& clock);
  // Whether somebody lives who holds this one; waits until that is known.
  bool is_living(const std::string& name, LeaseClock& clock);

  std::filesystem::path folder_;
  Mode mode_;
  std::string name_, since_;
  std::uint64_t counter_ = 0;
  std::chrono::steady_clock::time_point renewed_;
  int folder_descriptor_ = -1, descriptor_ = -1;
};

// A lease that is renewed in the background. If it is lost it says so on stderr, and stops the
// process as SIGTERM does.
class KeptLease {
 public:
  KeptLease(const std::filesystem::path& folder, Lease::Mode mode);
  ~KeptLease();

 private:
  void keep();

  Lease lease_;
  std::mutex mutex_;
  std::condition_variable ending_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace nicohort
