// Routine 06: index manifests of the subsets of a split.
#include "cli/all_commands.hpp"
#include "dataset/cohort_folder.hpp"
#include "dataset/dataset.hpp"
#include "split/index_manifests.hpp"

namespace nicohort {

void add_extract_split_index_manifest(Program& program) {
  Command command = program.command(
      "extract_split_index_manifest", "06_extract_split_index_manifest",
      "Write index manifests of the subsets of a split, one file for each --subsets",
      "nicohort extract_split_index_manifest --manifest_file "
      "root_dir/grouped/dataset_manifest.xlsx "
      "--split_name split01_TJ --output_index_manifest_dir root_dir/grouped/splits/split01_TJ "
      "--subsets train val --subsets test");
  auto options = std::make_shared<IndexOptions>();
  command.option("--manifest_file", options->manifest_file, "The dataset's manifest, .xlsx")
      .required();
  command.option("--split_name", options->split_name, "The split's worksheet")
      .type_name("SPLIT")
      .required();
  command
      .option("--output_index_manifest_dir", options->output_dir, "Folder for the index manifests")
      .type_name("FOLDER")
      .required();
  command.groups("--subsets", options->groups, "Subsets for one file; can be given several times")
      .type_name("SUBSET")
      .required();
  command.choice<std::string>("--format", {{"xlsx", ".xlsx"}, {"csv", ".csv"}, {"jsonl", ".jsonl"}},
                              options->ending,
                              "Format of the index manifests: workbooks, CSV, or JSON lines "
                              "(default: xlsx)");
  command.flag("--absolute_paths", options->absolute_paths,
               "Absolute paths (default: relative to the dataset's folder, as in the manifest)");
  auto given = std::make_shared<std::filesystem::path>();
  command
      .option("--recipe", *given,
              "The archive's recipe, for a manifest without its dataset (default: "
              "ESO-2025.10.31)")
      .type_name("RECIPE");
  command.work([=](const Context& context) {
    require_dataset_manifest(options->manifest_file, "--manifest_file");
    Report report(context.listener);
    const auto lock = lock_dataset_of(options->manifest_file, context.listener);
    const Recipe recipe = recipe_of_manifest(options->manifest_file, *given);
    IndexOptions todo = *options;
    todo.recipe = &recipe;
    extract_split_index_manifest(todo, report);
    return finish(report, problems_in(options->output_dir, "extract_split_index_manifest"));
  });
}

}  // namespace nicohort
