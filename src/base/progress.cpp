#include "base/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace nicohort {
namespace {

constexpr auto terminal_interval = std::chrono::milliseconds(100);
constexpr auto line_interval = std::chrono::seconds(5);
constexpr std::size_t bar_width = 30;
constexpr std::string_view erase_line = "\r\x1b[2K";

std::string clock_time(double seconds) {
  const long s = std::lround(seconds);
  return s < 3600 ? fmt::format("{}:{:02}", s / 60, s % 60)
                  : fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace

Progress::Progress(std::string what, std::size_t total, bool quiet)
    : what_(std::move(what)), total_(total), quiet_(quiet), terminal_(::isatty(STDERR_FILENO)) {}

Progress::~Progress() {
  if (terminal_ && !quiet_) fmt::print(stderr, "{}", erase_line);
}

void Progress::tick() {
  std::lock_guard lock(mutex_);
  ++done_;
  if (quiet_) return;
  auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(terminal_interval) : line_interval)) return;
  last_ = now;
  draw();
}

void Progress::print_line(const std::string& line) {
  std::lock_guard lock(mutex_);
  fmt::print(stderr, "{}{}\n", terminal_ && !quiet_ ? erase_line : "", line);
}

void Progress::draw() {
  double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  double rate = done_ / std::max(seconds, 1e-9);
  std::string text = fmt::format("{}/{} {}, {:.3g}/s, {} left", done_, total_, what_, rate,
                                 clock_time((total_ - done_) / rate));
  if (terminal_) {
    std::size_t filled = total_ == 0 ? bar_width : bar_width * done_ / total_;
    fmt::print(stderr, "{}[{:#<{}}{:.<{}}] {}", erase_line, "", filled, "", bar_width - filled,
               text);
    std::fflush(stderr);
  } else {
    fmt::print(stderr, "{}\n", text);
  }
}

}  // namespace nicohort
