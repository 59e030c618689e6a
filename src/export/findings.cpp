#include "export/findings.hpp"

#include <fmt/format.h>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "table/problem_file.hpp"

namespace nicohort {

void Findings::require_none(const std::filesystem::path& table) const {
  const auto& problems = report_.problems();
  std::string where = fmt::format(", which {} lists", table.string());
  try {
    put_problems(problems, table);
    report_.listener().conclude(problems, table);
  } catch (const MachineError&) {  // they are worth telling all the same
    where.clear();
  }
  if (!problems.empty())
    throw UsageError(
        fmt::format("nothing was exported: correct the {}{}",
                    problems.size() == 1 ? "problem" : counted(problems.size(), "problem"),
                    where.empty() ? " above" : where));
}

}  // namespace nicohort
