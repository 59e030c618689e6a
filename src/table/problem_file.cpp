#include "table/problem_file.hpp"

#include <fmt/format.h>

#include "table/table_file.hpp"
#include "table/unicode.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> problem_columns{"subject", "kind", "problem"};

ProblemKind kind_of(const Cell& cell) {
  return problem_kind_named(to_text(cell)).value_or(ProblemKind::other);
}

}  // namespace

fs::path problems_beside(const fs::path& output) {
  return output.string() + ".problems.csv";
}

fs::path problems_in(const fs::path& folder, const std::string& subcommand) {
  return folder / (subcommand + ".problems.csv");
}

void require_problem_file(const fs::path& file, const std::string& option) {
  std::error_code error;
  if (!fs::is_regular_file(file, error) || fs::file_size(file, error) == 0) return;
  try {
    if (read_table(file).columns == problem_columns) return;
  } catch (const BadInput&) {  // it is another file
  }
  throw UsageError(
      fmt::format("{} {}: is there, and is no table of problems; give another name, or remove it",
                  option, file.string()));
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
  Table table{problem_columns, {}};
  for (const Problem& problem : problems)
    table.rows.push_back(
        {printable(problem.subject), name_of(problem.kind), printable(problem.what)});
  write_table(file, Sheet{"problems", std::move(table)});
}

std::vector<Problem> read_problem_file(const fs::path& file) {
  const Table table = read_table(file);
  if (table.rows.empty()) return {};
  const auto subject = table.find("subject"), kind = table.find("kind"),
             what = table.find("problem");
  if (!subject || !what)
    throw BadInput(file.string(), ProblemKind::table,
                   fmt::format("has no column `{}`; remove it, or give the column this name",
                               subject ? "problem" : "subject"));
  std::vector<Problem> problems;
  for (const auto& row : table.rows)
    problems.push_back({to_text(row[*subject]), kind ? kind_of(row[*kind]) : ProblemKind::other,
                        to_text(row[*what])});
  return problems;
}

void put_problems_among_others(const std::vector<Problem>& own, const fs::path& file,
                               const std::string& own_subject) {
  std::vector<Problem> problems;
  std::error_code error;
  try {
    if (fs::exists(file, error)) problems = read_problem_file(file);
  } catch (const BadInput&) {  // somebody has stored it otherwise; the commands write it anew
  }
  std::erase_if(problems, [&](const Problem& problem) { return problem.subject == own_subject; });
  problems.insert(problems.end(), own.begin(), own.end());
  put_problems(problems, file);
}

}  // namespace nicohort
