#include "base/interrupt.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace nicohort {
namespace {

// How a process ends that gets the signal twice and looks for it in between.
int status_after_two(int number) {
  const pid_t child = ::fork();
  if (child == 0) {
    catch_interrupts();
    stop_if_interrupted();
    ::raise(number);
    try {
      stop_if_interrupted();
    } catch (const Interrupted& stop) {
      if (stop.signal() == number) ::raise(number);
    }
    ::_exit(0);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return status;
}

// Who presses Ctrl-C again does not want to wait for anything.
TEST(Interrupt, the_first_signal_leaves_a_mark_and_the_second_ends_the_program_at_once) {
  for (const int number : {SIGINT, SIGTERM}) {
    const int status = status_after_two(number);
    EXPECT_TRUE(WIFSIGNALED(status)) << number;
    EXPECT_EQ(WTERMSIG(status), number);
  }
}

}  // namespace
}  // namespace nicohort
