// What all subcommands share: how a file or folder is asked for, how they end.
#pragma once

#include <filesystem>
#include <string>

#include "base/parallel.hpp"
#include "base/say.hpp"
#include "table/problem_file.hpp"

namespace nicohort {

// Throws UsageError, saying which option named it, unless the folder or file is there.
void require_folder(const std::filesystem::path& path, const std::string& option);
void require_file(const std::filesystem::path& path, const std::string& option);

// Throws UsageError, with Excel's reason, if a worksheet cannot have this name.
void require_sheet_name(const std::string& name);

// Says on stdout how many problems there are and where they stand. Gives the exit status: 0 or 1.
int conclude(const Report& report, const std::filesystem::path& problems_file);

// put_problems() and conclude().
int finish(const Report& report, const std::filesystem::path& problems_file);

// The same for a command that wrote into a folder: also removes what killed commands left there.
int finish_in(const Report& report, const std::filesystem::path& folder,
              const std::string& subcommand);

}  // namespace nicohort
