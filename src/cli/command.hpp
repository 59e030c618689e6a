// What all subcommands share: how a file or folder is asked for, how they end.
#pragma once

#include <filesystem>
#include <string>

#include "base/listener.hpp"
#include "base/parallel.hpp"
#include "table/problem_file.hpp"

namespace nicohort {

// Says how many problems there are and where they stand. Gives the exit status: 0 or 1.
// none: what is said if there is none.
int conclude(const Report& report, const std::filesystem::path& problems_file,
             const std::string& none = "No problems.");

// put_problems() and conclude(); removes what killed commands left beside the file.
int finish(const Report& report, const std::filesystem::path& problems_file,
           const std::string& none = "No problems.");

}  // namespace nicohort
