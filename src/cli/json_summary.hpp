// What a command says, as one JSON object (`--json`); docs/json-output.schema.json describes it.
#pragma once

#include <string>
#include <vector>

#include "base/problem.hpp"

namespace nicohort {

struct JsonSummary {
  std::string command;
  int status = 0;           // the exit status
  std::string error = {};   // why the command stopped; empty: it did not
  std::string output = {};  // the result of commands that print one, such as a recipe
  std::vector<std::string> summary = {}, notes = {}, warnings = {};
  std::vector<Problem> problems = {};
  std::vector<std::string> files = {};  // that were written, or replaced
};

// Text that is not UTF-8 is replaced.
std::string text_of(const JsonSummary& summary);

// Why the work ended: the exit status and what to say, by the exception that is being handled.
struct Failure {
  int status = 0;
  std::string what;
};
Failure current_failure();

}  // namespace nicohort
