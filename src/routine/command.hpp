// What all subcommands share: how a file or folder is asked for, how they end.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/parallel.hpp"
#include "table/table_file.hpp"

namespace nicohort {

// Throws UsageError, saying which option named it, unless the folder or file is there.
void require_folder(const std::filesystem::path& path, const std::string& option);
void require_file(const std::filesystem::path& path, const std::string& option);

// Throws UsageError, with Excel's reason, if a worksheet cannot have this name.
void require_sheet_name(const std::string& name);

// `{output}.problems.csv`, `{output_dir}/{subcommand}.problems.csv` (SPEC 2).
std::filesystem::path problems_beside(const std::filesystem::path& output);
std::filesystem::path problems_in(const std::filesystem::path& folder,
                                  const std::string& subcommand);

// Writes the problems to this file, or removes an older one if there are none.
void put_problems(const std::vector<Problem>& problems, const std::filesystem::path& file);

// The same for a file that holds others' problems too: only the lines with this subject are its
// own.
void put_problems_among_others(const Report& report, const std::filesystem::path& problems_file,
                               const std::string& own_subject);

// Says on stdout how many problems there are and where they stand. Gives the exit status: 0 or 1.
int conclude(const Report& report, const std::filesystem::path& problems_file);

// put_problems() and conclude().
int finish(const Report& report, const std::filesystem::path& problems_file);

// The same for a command that wrote into a folder: also removes what killed commands left there.
int finish_in(const Report& report, const std::filesystem::path& folder,
              const std::string& subcommand);

// Writes a dataset's manifest, lists its checksum, and says which worksheets, beside the kept ones,
// the workbook that it replaces had.
void write_manifest_anew(const std::filesystem::path& workbook, const Sheet& manifest,
                         const std::vector<std::string>& kept);

// One sentence on stdout.
void say(const std::string& sentence);

// "1 sample", "2 samples"
std::string counted(std::size_t count, const std::string& singular);

}  // namespace nicohort
