// The whole tutorial in one pass.
#include "run/run.hpp"

#include "cli/all_commands.hpp"
#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_run(Program& program) {
  Command command = program.command(
      "run", "", "Do the whole tutorial in one pass, reading every image once",
      "nicohort run --root_dir root_dir    (root_dir has the folder archive in it)");
  auto options = std::make_shared<RunOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that has archive/; grouped/ and descriptor/ are written beside it")
      .required();
  command.option("--recipe", options->recipe,
                 "The archive's layout and what to do with it (default: ESO-2025.10.31)");
  command.flag("--again", options->again, "Do everything again, also what is done already");
  command.flag("--dry_run", options->dry_run, "Say what would be done and why, and write nothing");
  command.flag("--allow_removal", options->allow_removal,
               "Take samples out of the dataset that the archive no longer has, however many");
  add_pseudonymize(command, options->pseudonyms);
  add_pseudonym_map(command, options->pseudonyms);
  add_compression(command, options->compression);
  command.work([=](const Context& context) {
    const Report problems = run(*options, context);
    if (options->dry_run) return problems.problems().empty() ? 0 : 1;
    return conclude(problems, problems_in(options->root_dir, "run"));
  });
}

}  // namespace nicohort
