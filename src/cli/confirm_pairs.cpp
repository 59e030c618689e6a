// Routine 02: pairs volumes and masks and gives each sample a folder.
#include "run/confirm_pairs.hpp"

#include "cli/all_commands.hpp"
#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_confirm_pairs(Program& program) {
  Command command = program.command(
      "confirm_pairs", "02_confirm_pairs",
      "Pair volumes with masks and write one folder for each sample, with clean headers",
      "nicohort confirm_pairs --root_dir root_dir/archive --output_dir root_dir/grouped "
      "--archive_manifest root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<ConfirmPairsOptions>();
  command.option("--root_dir", options->root_dir, "The archive's folder")
      .type_name("FOLDER")
      .required();
  command.option("--output_dir", options->output_dir, "The dataset's folder")
      .type_name("FOLDER")
      .required();
  command
      .option("--archive_manifest", options->archive_manifest,
              "The archive manifest, written by gen_archive_manifest")
      .required();
  command
      .option("--recipe", options->recipe,
              "The recipe: layout of the archive (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  command.flag("--again", options->again, "Make all samples again, even if nothing has changed");
  add_pseudonymize(command, options->pseudonyms);
  add_compression(command, options->compression);
  add_volume_type(command, options->volume_type);
  command.work([=](const Context& context) {
    return finish(confirm_pairs(*options, context),
                  problems_in(options->output_dir, "confirm_pairs"));
  });
}

}  // namespace nicohort
