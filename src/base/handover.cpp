#include "base/handover.hpp"

#include <fmt/format.h>

#include <system_error>

#include "base/problem.hpp"

namespace nicohort {

std::jthread start_thread(std::function<void()> work) {
  try {
    return std::jthread(std::move(work));
  } catch (const std::system_error& error) {
    throw MachineError(
        fmt::format("cannot start a thread: {}; use --jobs 1", error.code().message()));
  }
}

}  // namespace nicohort
