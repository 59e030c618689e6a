// A step's parameters as options of its command, from their declaration.
#pragma once

#include "cli/command_line.hpp"
#include "step/step.hpp"

namespace nicohort {

// Sets the step when the command line is read.
void add_step_options(Command& command, const StepPtr& step);

}  // namespace nicohort
