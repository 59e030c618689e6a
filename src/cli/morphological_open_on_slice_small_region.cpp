// Cleans masks: opens the small regions of every slice of every binary mask and merges the masks
// again.
#include <fmt/format.h>

#include "cli/mask_command.hpp"
#include "cli/step_options.hpp"

#include "base/wording.hpp"

namespace nicohort {

void add_morphological_open_on_slice_small_region(Program& program) {
  Command command = program.command(
      "morphological_open_on_slice_small_region", "",
      "Remove specks and fill small holes, slice by slice, without changing larger regions",
      "nicohort morphological_open_on_slice_small_region --root_dir root_dir/grouped "
      "--output_dir root_dir/grouped --kernel_size 2 2 --filter_halfedge 3 --region_area_thresh "
      "10");
  auto change = std::make_shared<MaskChange>();
  auto no_thresh = std::make_shared<bool>(false);
  change->command = "morphological_open_on_slice_small_region";
  change->steps = {make_step("threshold"), make_step("clean_slices")};
  add_mask_options(command, *change, true);
  for (const StepPtr& step : change->steps) add_step_options(command, step);
  command.flag("--no_thresh", *no_thresh, "Skip thresholding").excludes("--thresh");
  command.flag("--skip_existing", change->skip_existing,
               "Skip samples that already have all masks in --output_dir");
  command.work([=](const Context& context) {
    if (*no_thresh) change->steps.erase(change->steps.begin());
    return run_mask_command(*change, context, [&](const std::vector<ChangedSample>& samples) {
      context.listener.summary(fmt::format(
          "{} of {} cleaned{}; masks are in {}.", count_of(samples, ChangedSample::State::done),
          counted(samples.size(), "sample"), others_of(samples), change->output.string()));
    });
  });
}

}  // namespace nicohort
