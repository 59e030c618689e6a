// Stopping cleanly at Ctrl-C (SIGINT) and SIGTERM.
#pragma once

#include <exception>

namespace nicohort {

// Unwinds all work, so that half-written files go away; the program ends with 128 + signal.
class Interrupted : public std::exception {
 public:
  explicit Interrupted(int signal) : signal_(signal) {}
  int signal() const { return signal_; }
  const char* what() const noexcept override { return "interrupted"; }

 private:
  int signal_;
};

// From now on the two signals only leave a mark, and a pipe that nobody reads any more is an error
// of writing.
void catch_interrupts();

// Throws Interrupted if a signal has come. Cheap: called for every piece that is read or written.
void stop_if_interrupted();

}  // namespace nicohort
