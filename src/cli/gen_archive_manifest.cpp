// Routine 01: scans the archive and writes its manifest.
#include "run/gen_archive_manifest.hpp"

#include "cli/all_commands.hpp"
#include "cli/pseudonym_flags.hpp"

namespace nicohort {

void add_gen_archive_manifest(Program& program) {
  Command command = program.command(
      "gen_archive_manifest", "01_gen_archive_manifest",
      "Scan an archive of NIfTI images and metadata workbooks and write its manifest",
      "nicohort gen_archive_manifest --root_dir root_dir/archive "
      "--output_manifest_file root_dir/descriptor/archive_manifest.xlsx");
  auto options = std::make_shared<ArchiveManifestOptions>();
  command.option("--root_dir", options->root_dir, "The archive's folder")
      .type_name("FOLDER")
      .required();
  command
      .option("--output_manifest_file", options->output_manifest_file,
              "The manifest to write, .xlsx or .csv")
      .names_a_table()
      .required();
  command.option("--sheet_name", options->sheet_name, "The manifest's worksheet").shows_default();
  command
      .option("--recipe", options->recipe,
              "The recipe: layout of the archive (default: ESO-2025.10.31)")
      .type_name("RECIPE");
  add_pseudonymize(command, options->pseudonyms);
  add_pseudonym_map(command, options->pseudonyms);
  command.flag("--verify", options->verify, "Decompress every image and check its checksum");
  command.work([=](const Context& context) {
    return finish(gen_archive_manifest(*options, context),
                  problems_beside(options->output_manifest_file));
  });
}

}  // namespace nicohort
