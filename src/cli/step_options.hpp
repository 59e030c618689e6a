// Parameters as options of a command, from their declaration.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "cli/command_line.hpp"
#include "step/step.hpp"

namespace nicohort {

// An option for each parameter that has one. They are set when the command line is read, and must
// live until the work is done. given: takes the names of those that were named; may be null. A flag
// is named if it is true.
void add_parameter_options(Command& command, const Parameters& parameters,
                           const std::shared_ptr<std::set<std::string>>& given);

// Those of a step, which the options keep alive.
void add_step_options(Command& command, const StepPtr& step);

}  // namespace nicohort
