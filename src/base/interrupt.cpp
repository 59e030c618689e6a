#include "base/interrupt.hpp"

#include <atomic>
#include <csignal>

namespace nicohort {
namespace {

// Set by a signal handler, and read by all threads.
std::atomic<int> received = 0;
static_assert(std::atomic<int>::is_always_lock_free);

void mark(int signal) {
  received = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = mark;
  action.sa_flags = SA_RESTART | SA_RESETHAND;  // a second one ends the program at once
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

void stop_if_interrupted() {
  if (const int signal = received; signal != 0) throw Interrupted(signal);
}

}  // namespace nicohort
