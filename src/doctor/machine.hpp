// The machine, and the limits that are set for this process.
#pragma once

#include <cstdint>
#include <filesystem>

#include "doctor/check.hpp"

namespace nicohort {

struct Machine {
  int cores = 0;                   // that the process may run on
  double cpus = 0;                 // that the cgroup gives it; 0: no limit
  std::uint64_t memory = 0;        // bytes
  std::uint64_t memory_limit = 0;  // of the cgroup, bytes; 0: none
  std::uint64_t open_files = 0;
  bool has_sse42 = true;
};

// root: what is in front of /proc and /sys, for tests.
Machine this_machine(const std::filesystem::path& root = "/");

Checks check_machine(const Machine& machine);

// `23.5 GB`
std::string bytes_text(std::uint64_t bytes);

}  // namespace nicohort
