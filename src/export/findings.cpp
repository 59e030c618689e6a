#include "export/findings.hpp"

#include <fmt/format.h>

#include "base/listener.hpp"

namespace nicohort {

void Findings::require_none() const {
  const std::size_t count = report_.problems().size();
  if (count > 0)
    throw UsageError(fmt::format("nothing was exported: correct the {} above",
                                 count == 1 ? "problem" : counted(count, "problem")));
}

}  // namespace nicohort
