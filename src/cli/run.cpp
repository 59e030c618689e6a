// The whole tutorial in one pass.
#include "run/run.hpp"

#include "cli/all_commands.hpp"
#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_run(Program& program) {
  Command command =
      program.command("run", "", "Do all steps in one pass, from the archive to the report",
                      "nicohort run --root_dir root_dir    (root_dir contains the folder archive)");
  auto options = std::make_shared<RunOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that contains archive/; grouped/, descriptor/ and report/ are written "
              "next to it")
      .type_name("FOLDER")
      .required();
  command
      .option("--archive", options->archive,
              "The archive, if it is elsewhere; it is only read, and symbolic links in it are "
              "followed (default: archive in root_dir)")
      .type_name("FOLDER");
  command
      .option("--recipe", options->recipe,
              "The recipe: layout of the archive, and what to do with it (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command.flag("--again", options->again, "Process all samples again, even if nothing has changed");
  command.flag("--dry_run", options->dry_run,
               "Print what would be done and why, and write nothing");
  command.flag("--allow_removal", options->allow_removal,
               "Remove samples that are no longer in the archive, even if they are many");
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
