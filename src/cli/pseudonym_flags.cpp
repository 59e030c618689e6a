#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_pseudonymize(Command& command, PseudonymOptions& options) {
  command.option("--pseudonymize", options.key,
                 "A file with a secret key: patients get pseudonyms made with it");
}

void add_pseudonym_map(Command& command, PseudonymOptions& options) {
  command
      .option("--pseudonym_map", options.map,
              "Where to write who is behind the pseudonyms, .csv or .xlsx (default: nowhere)")
      .needs("--pseudonymize");
}

}  // namespace nicohort
