// How a command line may go on.
#pragma once

#include <string>
#include <vector>

#include "cli/program_text.hpp"

namespace nicohort {

// What the last word, of which the begin is there, can become. words: those behind the program's
// name. Each line is a value, or a value, a tab and what it means; `:file` and `:folder` say that
// the shell is to add files or folders. Of `--recipe=e` the values are those of the option alone.
std::vector<std::string> completions(const ProgramText& program,
                                     const std::vector<std::string>& words);

}  // namespace nicohort
