// What a command says, on a terminal or into a log: the summary on stdout, or all as one JSON
// object; problems, warnings and progress on stderr (SPEC 2).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/listener.hpp"
#include "cli/json_summary.hpp"

namespace nicohort {

// A file name may hold a newline or an escape sequence; these become `?`.
std::string one_line(std::string text);

// `problem: {subject}: {what}`, on one line whatever the file is called.
std::string problem_line(const Problem& problem);

class Console final : public Listener {
 public:
  // line_interval: of lines where there is no terminal.
  explicit Console(std::chrono::milliseconds line_interval = std::chrono::seconds(30));
  ~Console() override;
  Console(const Console&) = delete;
  Console& operator=(const Console&) = delete;

  // Without progress and summary.
  bool quiet = false;
  // Takes the summary and all else, which print_json() prints.
  std::optional<JsonSummary> json = {};
  void print_json();

  void summary(const std::string& sentence) override;
  void note(const std::string& sentence) override;
  void warning(const std::string& sentence) override;
  // The first of each kind; how many more there are is printed when they are all known.
  void problem(const Problem& problem) override;
  void output(const std::string& text) override;
  void prompt(const std::string& text) override;  // on stderr, too, where stdout is JSON
  void conclude(const std::vector<Problem>& problems, const std::filesystem::path& table) override;
  // A bar on a terminal; elsewhere a line so often, whether anything advances or not, and one at
  // the end of what took longer.
  void start(const std::string& things, std::size_t count) override;
  void advance() override;
  void stop() override;

 private:
  void print_line(const std::string& line);
  void print_lines_left_out(const std::string& where);
  void tick();  // until is_over_
  // With the mutex held.
  std::string progress() const;
  void draw_bar();

  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  const bool is_terminal_;
  const std::chrono::milliseconds line_interval_;
  struct Told {
    std::size_t count = 0;
    std::vector<std::string> examples;  // subjects of the first
  };
  std::map<ProblemKind, Told> told_;
  bool has_bar_ = false, has_lines_ = false, is_over_ = false, is_concluded_ = false;
  std::condition_variable over_;
  std::thread lines_;
  std::string things_;
  std::size_t count_ = 0, done_ = 0;
  Clock::time_point start_, last_;
};

}  // namespace nicohort
