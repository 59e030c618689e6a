// The options that say what `run` does, wherever it does it.
#pragma once

#include "cli/command_line.hpp"
#include "run/run.hpp"

namespace nicohort {

void add_run_options(Command& command, RunOptions& options);

}  // namespace nicohort
