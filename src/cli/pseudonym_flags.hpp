// --pseudonymize and --pseudonym_map, for the commands that read an archive.
#pragma once

#include "archive/pseudonym_options.hpp"
#include "cli/command_line.hpp"

namespace nicohort {

void add_pseudonymize(Command& command, PseudonymOptions& options);
// After add_pseudonymize.
void add_pseudonym_map(Command& command, PseudonymOptions& options);

}  // namespace nicohort
