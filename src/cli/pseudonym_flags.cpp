#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_pseudonymize(Command& command, PseudonymOptions& options) {
  command.option(
      "--pseudonymize", options.key,
      "File with a secret key; patient identifiers are replaced by pseudonyms made with it");
}

void add_pseudonym_map(Command& command, PseudonymOptions& options) {
  command
      .option("--pseudonym_map", options.map,
              "Write a table of identifiers and pseudonyms, .csv or .xlsx (default: not written)")
      .needs("--pseudonymize");
}

}  // namespace nicohort
