// The manual pages: `nicohort.1`, and `nicohort-run.1` of each command.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cli/program_text.hpp"

namespace nicohort {

// Names of files and their text, in man(7). date: of the release, `2025-11-01`.
std::vector<std::pair<std::string, std::string>> man_pages(const ProgramText& program,
                                                           const std::string& date);

}  // namespace nicohort
