#include "base/listener.hpp"

#include <fmt/format.h>

namespace nicohort {

Listener& nobody() {
  static Listener listener;
  return listener;
}

std::string counted(std::size_t count, const std::string& singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace nicohort
