// What a command says, on a terminal or into a log: the summary on stdout; problems, warnings and
// progress on stderr (SPEC 2).
#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>

#include "base/listener.hpp"

namespace nicohort {

// `problem: {subject}: {what}`, on one line whatever the file is called.
std::string problem_line(const Problem& problem);

class Console final : public Listener {
 public:
  Console();
  ~Console() override { stop(); }
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // Without progress and summary.
  bool quiet = false;

  void summary(const std::string& sentence) override;
  void note(const std::string& sentence) override;
  void warning(const std::string& sentence) override;
  void problem(const Problem& problem) override;
  // A bar on a terminal, a line every few seconds elsewhere.
  void start(const std::string& things, std::size_t count) override;
  void advance() override;
  void stop() override;

 private:
  void print_line(const std::string& line);
  void draw();

  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  const bool is_terminal_;
  bool has_bar_ = false;
  std::string things_;
  std::size_t count_ = 0, done_ = 0;
  Clock::time_point start_, last_;
};

}  // namespace nicohort
