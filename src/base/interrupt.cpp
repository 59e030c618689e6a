#include "base/interrupt.hpp"

#include <csignal>

namespace nicohort {
namespace {

volatile std::sig_atomic_t received = 0;

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
}

void stop_if_interrupted() {
  if (received != 0) throw Interrupted(received);
}

}  // namespace nicohort
