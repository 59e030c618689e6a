// Routine 04: checks every sample of the dataset and writes its manifest.
#include "run/gen_dataset_manifest.hpp"

#include "cli/all_commands.hpp"

namespace nicohort {

void add_gen_dataset_manifest(Program& program) {
  Command command = program.command(
      "gen_dataset_manifest", "04_gen_dataset_manifest",
      "Check that the images of every sample agree and write the dataset's manifest",
      "nicohort gen_dataset_manifest --root_dir root_dir/grouped "
      "--output_manifest_file root_dir/grouped/dataset_manifest.xlsx");
  auto options = std::make_shared<DatasetManifestOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder")
      .type_name("FOLDER")
      .required();
  command
      .option("--output_manifest_file", options->output_manifest_file,
              "The manifest to write, .xlsx or .csv")
      .names_a_table()
      .required();
  command.option("--sheet_name", options->sheet_name, "The manifest's worksheet").shows_default();
  command.flag("--keep_going", options->keep_going,
               "Leave out inconsistent samples and write the others");
  command.work([=](const Context& context) {
    return finish(gen_dataset_manifest(*options, context),
                  problems_beside(options->output_manifest_file));
  });
}

}  // namespace nicohort
