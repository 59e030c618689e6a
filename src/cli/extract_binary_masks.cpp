// Routine 03: one binary mask for each label of the label map.
#include <fmt/format.h>

#include "base/wording.hpp"
#include "cli/mask_command.hpp"
#include "dataset/dataset.hpp"
#include "recipe/label_map.hpp"

namespace nicohort {

void add_extract_binary_masks(Program& program) {
  Command command = program.command("extract_binary_masks", "03_extract_binary_masks",
                                    "Make a binary mask for each label of every multi-label mask",
                                    "nicohort extract_binary_masks --root_dir root_dir/grouped "
                                    "--label_explanation root_dir/descriptor/label_map.yaml");
  auto change = std::make_shared<MaskChange>();
  auto label_map = std::make_shared<std::filesystem::path>();
  change->command = "extract_binary_masks";
  add_mask_options(command, *change, false);
  command.option("--label_explanation", *label_map, "The label map: names of the labels, YAML")
      .required();
  command.flag("--skip_existing", change->skip_existing,
               "Skip samples that already have all binary masks");
  command.work([=](const Context& context) {
    change->output = change->root;
    change->labels = load_label_map(*label_map);
    require_labels_of_mask_files(recipe_of_dataset(change->root), *change->labels, *label_map);
    return run_mask_command(*change, context, [&](const std::vector<ChangedSample>& samples) {
      context.listener.summary(fmt::format(
          "{} of {} processed, with {} each{}.", count_of(samples, ChangedSample::State::done),
          counted(samples.size(), "sample"), counted(change->labels->size(), "binary mask"),
          others_of(samples)));
    });
  });
}

}  // namespace nicohort
