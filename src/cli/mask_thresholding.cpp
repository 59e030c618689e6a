// Sets foreground of the multi-label masks to background where the volume's value is out of range.
#include <fmt/format.h>

#include "cli/mask_command.hpp"
#include "cli/step_options.hpp"

#include "base/wording.hpp"

namespace nicohort {
namespace {

void tell_corrected(const MaskChange& change, const std::vector<ChangedSample>& samples,
                    Listener& listener) {
  std::size_t changed = 0;
  for (const ChangedSample& sample : samples) {
    if (sample.new_steps == 0) continue;  // it had been done before
    const auto& [work, findings] = sample.record->steps.back();
    const auto removed = findings.counts.find("removed");
    if (removed == findings.counts.end() || removed->second == 0) continue;
    ++changed;
    listener.summary(
        fmt::format("{}: {} corrected", sample.files.id, counted(removed->second, "voxel")));
  }
  listener.summary(fmt::format("{} of {} changed{}; masks are in {}.", changed,
                               counted(samples.size(), "sample"), others_of(samples),
                               change.output.string()));
}

}  // namespace

void add_mask_thresholding(Program& program) {
  Command command = program.command(
      "mask_thresholding", "",
      "Set mask voxels to background where the volume's value is out of range",
      "nicohort mask_thresholding --root_dir root_dir/grouped --thresh -140.0 1000.0 "
      "--output_dir root_dir/grouped");
  auto change = std::make_shared<MaskChange>();
  change->command = "mask_thresholding";
  change->steps = {make_step("threshold")};
  add_mask_options(command, *change, true);
  add_step_options(command, change->steps.front());
  command.work([=](const Context& context) {
    return run_mask_command(*change, context, [&](const auto& samples) {
      tell_corrected(*change, samples, context.listener);
    });
  });
}

}  // namespace nicohort
