#include "cli/command.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/wording.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

int conclude(const Report& report, const fs::path& problems_file, const std::string& none) {
  report.listener().conclude(report.problems(), problems_file);
  if (report.problems().empty()) {
    report.listener().summary(none);
    return 0;
  }
  const std::string count = counted(report.problems().size(), "problem");
  report.listener().summary(
      problems_file.empty() ? count + "." : fmt::format("{}: {}", count, problems_file.string()));
  return 1;
}

int finish(const Report& report, const fs::path& problems_file, const std::string& none) {
  put_problems(report.problems(), problems_file);
  remove_leftovers(problems_file.parent_path(), false);
  return conclude(report, problems_file, none);
}

}  // namespace nicohort
