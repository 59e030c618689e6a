#include "cli/run_options.hpp"

#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_run_options(Command& command, RunOptions& options) {
  command
      .option("--root_dir", options.root_dir,
              "The folder that contains archive/; grouped/, descriptor/ and report/ are written "
              "next to it")
      .type_name("FOLDER")
      .required();
  command
      .option("--archive", options.archive,
              "The archive, if it is elsewhere; it is only read, and symbolic links in it are "
              "followed (default: archive in root_dir)")
      .type_name("FOLDER");
  command
      .option("--recipe", options.recipe,
              "The recipe: layout of the archive, and what to do with it (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command.flag(
      "--allow_removal", options.allow_removal,
      "Remove samples and masks that are no longer in the archive, and samples that `where` leaves "
      "out, even if there are many");
  add_pseudonymize(command, options.pseudonyms);
  add_pseudonym_map(command, options.pseudonyms);
  add_compression(command, options.compression);
  add_volume_type(command, options.volume_type);
}

}  // namespace nicohort
