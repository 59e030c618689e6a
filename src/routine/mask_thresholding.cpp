// Sets foreground of the multi-label masks to background where the volume's value is out of range.
#include <fmt/format.h>

#include "routine/mask_command.hpp"
#include "routine/step_options.hpp"

namespace nicohort {
namespace {

void say_corrected(const MaskChange& change, const std::vector<ChangedSample>& samples) {
  std::size_t changed = 0;
  for (const ChangedSample& sample : samples) {
    if (sample.state != ChangedSample::State::done || sample.record->steps.empty()) continue;
    const auto& [work, findings] = sample.record->steps.back();
    const auto removed = findings.counts.find("removed");
    if (removed == findings.counts.end() || removed->second == 0) continue;
    ++changed;
    say(fmt::format("{}: {} corrected", sample.files.id, counted(removed->second, "voxel")));
  }
  say(fmt::format("{} of {} changed{}; masks are in {}.", changed,
                  counted(samples.size(), "sample"), others_of(samples), change.output.string()));
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
  command.work([=](const Effort& effort) {
    return run_mask_command(*change, effort,
                            [&](const auto& samples) { say_corrected(*change, samples); });
  });
}

}  // namespace nicohort
