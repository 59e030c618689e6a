#include "routine/command.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;

void require_folder(const fs::path& path, const std::string& option) {
  std::error_code error;
  if (!fs::is_directory(path, error))
    throw UsageError(fmt::format("{}: no such folder; check {}", path.string(), option));
}

void require_file(const fs::path& path, const std::string& option) {
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    throw UsageError(fmt::format("{}: no such file; check {}", path.string(), option));
}

void require_sheet_name(const std::string& name) {
  if (std::string fault = sheet_name_fault(name); !fault.empty())
    throw UsageError(fmt::format("--sheet_name {}: {}", name, fault));
}

int conclude(const Report& report, const fs::path& problems_file) {
  if (report.problems().empty()) {
    say("No problems.");
    return 0;
  }
  say(fmt::format("{}: {}", counted(report.problems().size(), "problem"), problems_file.string()));
  return 1;
}

int finish(const Report& report, const fs::path& problems_file) {
  put_problems(report.problems(), problems_file);
  remove_leftovers(problems_file.parent_path(), false);
  return conclude(report, problems_file);
}

int finish_in(const Report& report, const fs::path& folder, const std::string& subcommand) {
  remove_leftovers(folder, true);
  return finish(report, problems_in(folder, subcommand));
}

}  // namespace nicohort
