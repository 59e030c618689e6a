#include "cli/console.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "base/written_files.hpp"

namespace nicohort {
namespace {

constexpr auto terminal_interval = std::chrono::milliseconds(100);
constexpr auto line_interval = std::chrono::seconds(5);
constexpr std::size_t bar_width = 30;
constexpr std::size_t most_lines = 20, most_examples = 3;  // of problems of one kind
constexpr std::string_view erase_line = "\r\x1b[2K";

std::string clock_time(double seconds) {
  const long s = std::lround(seconds);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

// Whoever is killed later has said it.
void print_now(const std::string& text) {
  fmt::print("{}", text);
  std::fflush(stdout);
}

}  // namespace

std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

std::string problem_line(const Problem& problem) {
  return one_line(fmt::format("problem: {}: {}", problem.subject, problem.what));
}

Console::Console() : is_terminal_(::isatty(STDERR_FILENO)) {}

Console::~Console() {
  stop();
  print_lines_left_out("the command ended before it could list them");
}

void Console::summary(const std::string& sentence) {
  std::lock_guard lock(mutex_);
  if (json) return json->summary.push_back(sentence);
  if (quiet) return;
  if (has_bar_) fmt::print(stderr, "{}", erase_line);
  print_now(sentence + "\n");
}

void Console::output(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (json)
    json->output += text;
  else
    print_now(text);
}

void Console::note(const std::string& sentence) {
  if (json) json->notes.push_back(sentence);
  if (!quiet) print_line(one_line(sentence));
}

void Console::warning(const std::string& sentence) {
  if (json) json->warnings.push_back(sentence);
  print_line("warning: " + sentence);
}

void Console::problem(const Problem& problem) {
  {
    std::lock_guard lock(mutex_);
    auto& [count, examples] = told_[problem.kind];
    if (examples.size() < most_examples) examples.push_back(problem.subject);
    if (++count > most_lines) return;
  }
  print_line(problem_line(problem));
}

void Console::print_lines_left_out(const std::string& where) {
  for (const auto& [kind, told] : told_)
    if (told.count > most_lines)
      print_line(one_line(fmt::format("problem: {}: {} in all, such as {}; {}", name_of(kind),
                                      told.count, fmt::join(told.examples, ", "), where)));
  told_.clear();
}

void Console::conclude(const std::vector<Problem>& problems, const std::filesystem::path& table) {
  if (json) json->problems = problems;
  print_lines_left_out(fmt::format("{} lists them", table.string()));
}

void Console::print_json() {
  json->files = written_files();
  fmt::print("{}", text_of(*json));
}

void Console::start(const std::string& things, std::size_t count) {
  std::lock_guard lock(mutex_);
  things_ = things;
  count_ = count;
  done_ = 0;
  start_ = last_ = Clock::now();
}

void Console::advance() {
  std::lock_guard lock(mutex_);
  ++done_;
  if (quiet) return;
  const auto now = Clock::now();
  if (now - last_ < (is_terminal_ ? Clock::duration(terminal_interval) : line_interval)) return;
  last_ = now;
  draw();
}

void Console::stop() {
  std::lock_guard lock(mutex_);
  if (has_bar_) fmt::print(stderr, "{}", erase_line);
  has_bar_ = false;
}

void Console::print_line(const std::string& line) {
  std::lock_guard lock(mutex_);
  fmt::print(stderr, "{}{}\n", has_bar_ ? erase_line : "", line);
}

void Console::draw() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = done_ / std::max(seconds, 1e-9);
  const std::string text = fmt::format("{}/{} {}, {:.3g}/s, {} left", done_, count_, things_, rate,
                                       clock_time((count_ - done_) / rate));
  if (is_terminal_) {
    const std::size_t filled = count_ == 0 ? bar_width : bar_width * done_ / count_;
    fmt::print(stderr, "{}[{:#<{}}{:.<{}}] {}", erase_line, "", filled, "", bar_width - filled,
               text);
    std::fflush(stderr);
    has_bar_ = true;
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

}  // namespace nicohort
