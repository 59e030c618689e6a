// A dataset in the form that a training framework reads.
#include "base/named_path.hpp"
#include "cli/all_commands.hpp"
#include "export/export_dataset.hpp"

namespace nicohort {
void add_export(Program& program) {
  Command command = program.command(
      "export", "", "Export a dataset for nnU-Net, MONAI, or as Decathlon, CSV or BIDS",
      "nicohort export --root_dir root_dir/grouped --format nnunet --output nnUNet_raw --split "
      "split01 --dataset_id 42 --dataset_name Esophagus");
  auto options = std::make_shared<ExportOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder")
      .type_name("FOLDER")
      .required();
  command
      .choice(
          "--format",
          std::vector<std::pair<std::string, ExportFormat>>{{"nnunet", ExportFormat::nnunet},
                                                            {"monai", ExportFormat::monai},
                                                            {"msd", ExportFormat::msd},
                                                            {"csv", ExportFormat::csv},
                                                            {"bids", ExportFormat::bids}},
          options->format,
          "nnunet: nnU-Net v2; monai: a MONAI datalist and the input of Auto3DSeg; msd: Medical "
          "Segmentation Decathlon; csv: a table for each subset; bids: BIDS, with the masks as "
          "derivatives")
      .required();
  command
      .option("--output", options->output,
              "The folder of the export; nnunet and msd make a folder for the dataset in it")
      .type_name("FOLDER")
      .required();
  command
      .option("--split", options->split,
              "The split: a worksheet of the manifest with train, val and test, or folds "
              "(default: none, all samples are for training)")
      .type_name("SPLIT");
  command.option("--manifest_file", options->manifest_file,
                 "The manifest (default: dataset_manifest.xlsx in the dataset's folder)");
  command.choice(
      "--link",
      std::vector<std::pair<std::string, LinkKinds>>{
          {"auto", {LinkKind::reflink, LinkKind::copy}},
          {"reflink", {LinkKind::reflink, LinkKind::reflink}},
          {"hard", {LinkKind::hard, LinkKind::hard}},
          {"symlink", {LinkKind::symbolic, LinkKind::symbolic}},
          {"copy", {LinkKind::copy, LinkKind::copy}}},
      options->links,
      "How images get into the export (default: auto, the first of reflink, hard link, symbolic "
      "link and copy that the disk allows)");
  command.option("--dataset_id", options->dataset_id,
                 "Number of the dataset, for nnunet (1 to 999) and msd (1 to 99)");
  command.option("--dataset_name", options->dataset_name,
                 "Name of the dataset (default: the recipe's `name`)");
  command.flag("--zero_copy", options->zero_copy,
               "nnunet, monai: the index names the dataset's own files, and no image is exported");
  command.flag("--relabel", options->labels.relabel,
               "Write masks whose labels have consecutive numbers");
  command.option("--ignore_label", options->labels.ignore_label,
                 "nnunet: name of a label whose voxels are not used in training");
  command.flag("--absolute_paths", options->absolute_paths,
               "csv: absolute paths (default: relative to the tables)");
  command.option("--bids_suffix", options->bids_suffix,
                 "bids: the suffix of volumes that are no CT, such as T1w");
  command.work([=](const Context& context) {
    export_dataset(*options, context);
    return 0;
  });
}

}  // namespace nicohort
