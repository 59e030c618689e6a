#include "base/say.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace nicohort {

void say(const std::string& sentence) {
  fmt::print("{}\n", sentence);
  std::fflush(stdout);  // who is killed later has said it
}

std::string counted(std::size_t count, const std::string& singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace nicohort
