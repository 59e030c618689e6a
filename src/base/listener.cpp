#include "base/listener.hpp"

namespace nicohort {

Listener& nobody() {
  static Listener listener;
  return listener;
}

}  // namespace nicohort
