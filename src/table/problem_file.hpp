// Problems as a table: UTF-8 CSV, columns `subject`, `kind` and `problem` (SPEC 2).
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

// `{output}.problems.csv`, `{output_dir}/{subcommand}.problems.csv`
std::filesystem::path problems_beside(const std::filesystem::path& output);
std::filesystem::path problems_in(const std::filesystem::path& folder,
                                  const std::string& subcommand);

// Throws UsageError for a file that is there and has no problems in it: it would be replaced, or
// removed. option: that named it.
void require_problem_file(const std::filesystem::path& file, const std::string& option);

// Writes the problems to this file, or removes an older one if there are none.
void put_problems(const std::vector<Problem>& problems, const std::filesystem::path& file);

// The same for a file that holds others' problems too: only the lines with this subject are its
// own. A file that cannot be read is replaced.
void put_problems_among_others(const std::vector<Problem>& problems,
                               const std::filesystem::path& file, const std::string& own_subject);

// A kind that is missing or unknown is `other`. Throws as read_table does, and BadInput for a table
// without the other two columns.
std::vector<Problem> read_problem_file(const std::filesystem::path& file);

}  // namespace nicohort
