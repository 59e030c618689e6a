#include "routine/command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>

#include "base/atomic_file.hpp"
#include "record/checksums.hpp"
#include "table/unicode.hpp"

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

fs::path problems_beside(const fs::path& output) {
  return output.string() + ".problems.csv";
}

fs::path problems_in(const fs::path& folder, const std::string& subcommand) {
  return folder / (subcommand + ".problems.csv");
}

void put_problems(const std::vector<Problem>& problems, const fs::path& file) {
  if (problems.empty()) {
    std::error_code error;
    fs::remove(file, error);
    if (error)
      throw MachineError(fmt::format("cannot remove {}: {}", file.string(), error.message()));
    return;
  }
  std::error_code error;
  if (fs::is_symlink(file, error)) fs::remove(file, error);  // what it points to is not ours
  Table table{{"subject", "problem"}, {}};
  for (const Problem& problem : problems)
    table.rows.push_back({printable(problem.subject), printable(problem.what)});
  write_table(file, {{"problems", std::move(table)}});
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

void put_problems_among_others(const Report& report, const fs::path& problems_file,
                               const std::string& own_subject) {
  std::vector<Problem> problems;
  std::error_code error;
  if (fs::exists(problems_file, error) && !fs::is_symlink(problems_file, error))
    for (const auto& row : read_table(problems_file).rows)
      if (Problem problem{to_text(row.front()), to_text(row.back())};
          problem.subject != own_subject)
        problems.push_back(std::move(problem));
  problems.insert(problems.end(), report.problems().begin(), report.problems().end());
  put_problems(problems, problems_file);
}

void write_manifest_anew(const fs::path& workbook, const Sheet& manifest,
                         const std::vector<std::string>& kept) {
  std::vector<std::string> lost;
  std::error_code error;
  if (fs::is_regular_file(workbook, error) && lower_case(workbook.extension().string()) == ".xlsx")
    try {
      lost = sheet_names(workbook);
    } catch (const BadInput&) {  // no workbook to lose anything of
    }
  std::erase_if(lost, [&](const std::string& name) {
    return std::find(kept.begin(), kept.end(), name) != kept.end();
  });
  write_table(workbook, {manifest});
  list_table(workbook);
  if (!lost.empty())
    say(fmt::format(
        "{} was written anew, without its worksheets {}: make them again with make_split.",
        workbook.string(), fmt::join(lost, ", ")));
}

void say(const std::string& sentence) {
  fmt::print("{}\n", sentence);
  std::fflush(stdout);  // who is killed later has said it
}

std::string counted(std::size_t count, const std::string& singular) {
  return fmt::format("{} {}{}", count, singular, count == 1 ? "" : "s");
}

}  // namespace nicohort
