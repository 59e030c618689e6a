// Progress on stderr (SPEC 2): a bar on a terminal, a line every few seconds elsewhere.
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

namespace nicohort {

class Progress {
 public:
  // `what` names the things counted: "samples". Says nothing if quiet.
  Progress(std::string what, std::size_t total, bool quiet);
  ~Progress();  // leaves the terminal's line clean

  void tick();  // one more is done; any thread
  // Prints a line of its own on stderr without spoiling the bar; any thread.
  void print_line(const std::string& line);

 private:
  void draw();

  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  const std::string what_;
  const std::size_t total_;
  const bool quiet_, terminal_;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  std::size_t done_ = 0;
};

}  // namespace nicohort
