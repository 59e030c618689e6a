// What all subcommands share: their common options, how a file or folder is asked for, how they
// end.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/gzip.hpp"
#include "base/parallel.hpp"

namespace nicohort {

// The work that the command line asks for; gives the exit status.
using Task = std::function<int()>;

// Makes a subcommand with --jobs and --quiet. `example` is its one worked example.
struct Command {
  CLI::App* app;
  std::shared_ptr<Effort> effort;
};
Command add_command(CLI::App& program, const std::string& name, const std::string& alias,
                    const std::string& purpose, const std::string& example);

// --compression for commands that write images.
void add_compression(CLI::App& app, Compression& compression);

// Throws UsageError, saying which option named it, unless the folder or file is there.
void require_folder(const std::filesystem::path& path, const std::string& option);
void require_file(const std::filesystem::path& path, const std::string& option);

// Throws UsageError, with Excel's reason, if a worksheet cannot have this name.
void require_sheet_name(const std::string& name);

// Accepts a number of 0 or more; CLI11's own check lets `nan` pass.
CLI::Validator not_negative();

// Accepts the name of a table that can be written: `.xlsx` or `.csv`, and no folder.
CLI::Validator table_output();

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

// Says which worksheets, beside these, a workbook has that is about to be written anew.
void say_lost_sheets(const std::filesystem::path& workbook, const std::vector<std::string>& kept);

// One sentence on stdout.
void say(const std::string& sentence);

// "1 sample", "2 samples"
std::string counted(std::size_t count, const std::string& singular);

}  // namespace nicohort
