#include "cli/console.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/written_files.hpp"

namespace nicohort {
namespace {

constexpr auto terminal_interval = std::chrono::milliseconds(100);
constexpr std::size_t bar_width = 30;
constexpr std::size_t most_lines = 20, most_examples = 3;  // of problems of one kind
constexpr std::string_view erase_line = "\r\x1b[2K";

std::string clock_time(double seconds) {
  const long s = std::lround(seconds);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

// At once: whoever is killed later has said it. That nobody reads on (`| head`) is no reason to
// stop halfway; that it cannot be written for another reason is told at the end.
void put(std::FILE* to, const std::string& text) {
  errno = 0;
  if (std::fputs(text.c_str(), to) >= 0 && std::fflush(to) == 0) return;
  if (errno == EPIPE) std::clearerr(to);
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

Console::Console(std::chrono::milliseconds line_interval)
    : is_terminal_(::isatty(STDERR_FILENO)), line_interval_(line_interval) {}

Console::~Console() {
  stop();
  print_lines_left_out("the command ended before it could list them");
}

void Console::summary(const std::string& sentence) {
  std::lock_guard lock(mutex_);
  if (json) return json->summary.push_back(sentence);
  if (quiet) return;
  if (has_bar_) put(stderr, std::string(erase_line));
  put(stdout, sentence + "\n");
}

void Console::output(const std::string& text) {
  std::lock_guard lock(mutex_);
  if (json)
    json->output += text;
  else
    put(stdout, text);
}

void Console::prompt(const std::string& text) {
  output(text);
  std::lock_guard lock(mutex_);
  if (json) put(stderr, text);
}

void Console::note(const std::string& sentence) {
  if (json) {
    std::lock_guard lock(mutex_);
    json->notes.push_back(sentence);
  }
  if (!quiet) print_line(one_line(sentence));
}

void Console::warning(const std::string& sentence) {
  if (json) {
    std::lock_guard lock(mutex_);
    json->warnings.push_back(sentence);
  }
  print_line("warning: " + sentence);
}

void Console::problem(const Problem& problem) {
  {
    std::lock_guard lock(mutex_);
    if (json) json->problems.push_back(problem);
    auto& [count, examples] = told_[problem.kind];
    if (examples.size() < most_examples &&
        std::find(examples.begin(), examples.end(), problem.subject) == examples.end())
      examples.push_back(problem.subject);
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
  is_concluded_ = true;
  print_lines_left_out(fmt::format("{} lists them", table.empty() ? "--json" : table.string()));
}

void Console::print_json() {
  if (!is_concluded_)  // the command failed: in the order of the threads that found them
    std::sort(json->problems.begin(), json->problems.end(), [](const auto& a, const auto& b) {
      return std::tie(a.subject, a.what) < std::tie(b.subject, b.what);
    });
  json->files = written_files();
  put(stdout, text_of(*json));
}

void Console::start(const std::string& things, std::size_t count) {
  stop();
  std::lock_guard lock(mutex_);
  things_ = things;
  count_ = count;
  done_ = 0;
  start_ = last_ = Clock::now();
  has_lines_ = is_over_ = false;
  if (!is_terminal_ && !quiet) lines_ = std::thread([this] { tick(); });
}

void Console::advance() {
  std::lock_guard lock(mutex_);
  ++done_;
  if (quiet || !is_terminal_) return;
  const auto now = Clock::now();
  if (now - last_ < terminal_interval) return;
  last_ = now;
  draw_bar();
}

void Console::stop() {
  {
    std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  over_.notify_all();
  if (lines_.joinable()) lines_.join();
  if (has_bar_) put(stderr, std::string(erase_line));
  if (std::exchange(has_lines_, false)) put(stderr, progress() + "\n");
  has_bar_ = false;
}

void Console::print_line(const std::string& line) {
  std::lock_guard lock(mutex_);
  put(stderr, fmt::format("{}{}\n", has_bar_ ? erase_line : "", line));
}

std::string Console::progress() const {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const double rate = static_cast<double>(done_) / std::max(seconds, 1e-9);
  std::string text = fmt::format("{}/{} {}", done_, count_, things_);
  if (done_ == count_) return text + ", in " + clock_time(seconds);
  if (done_ == 0) return text + ", after " + clock_time(seconds);
  return text + fmt::format(", {:.3g}/s, {} left", rate,
                            clock_time(static_cast<double>(count_ - done_) / rate));
}

void Console::draw_bar() {
  const std::size_t filled = count_ == 0 ? bar_width : bar_width * done_ / count_;
  put(stderr, fmt::format("{}[{:#<{}}{:.<{}}] {}", erase_line, "", filled, "", bar_width - filled,
                          progress()));
  has_bar_ = true;
}

void Console::tick() {
  std::unique_lock lock(mutex_);
  while (!over_.wait_for(lock, line_interval_, [this] { return is_over_; })) {
    put(stderr, progress() + "\n");
    has_lines_ = true;
  }
}

}  // namespace nicohort
