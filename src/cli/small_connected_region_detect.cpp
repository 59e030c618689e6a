// Lists the small connected regions of every binary mask.
#include <fmt/format.h>

#include "base/wording.hpp"
#include "cli/mask_command.hpp"
#include "cli/step_options.hpp"
#include "dataset/region_table.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

int list_regions(const MaskChange& change, const ListSmall& step, const Context& context) {
  require_region_table(step.output(), "--output_manifest");
  Report report(context.listener);
  change_masks(change, context, report, [&](const std::vector<ChangedSample>& samples) {
    if (count_of(samples, ChangedSample::State::without_mask) == samples.size())
      throw UsageError(
          change.root.string() +
          ": no sample has a mask; add masks to the archive and run confirm_pairs again");
    std::vector<SampleRegions> regions;
    for (const ChangedSample& sample : samples)
      if (sample.record)
        if (auto found = last_regions_of(*sample.record)) regions.push_back(std::move(*found));
    const auto sheets = region_sheets(regions, step.smaller_than().amount);
    write_table(step.output(), sheets);
    context.listener.summary(fmt::format(
        "{} below {} in {}: {}.", counted(sheets[1].table.rows.size(), "region"),
        text_of(step.smaller_than()), counted(regions.size(), "sample"), step.output()));
  });
  return finish(report, problems_beside(step.output()));
}

}  // namespace

void add_small_connected_region_detect(Program& program) {
  Command command = program.command(
      "small_connected_region_detect", "", "List the small connected regions of every binary mask",
      "nicohort small_connected_region_detect --root_dir root_dir/grouped "
      "--region_volume_thresh 300.0 "
      "--output_manifest root_dir/descriptor/small_connected_region_300_manifest.xlsx");
  auto change = std::make_shared<MaskChange>();
  auto step = std::make_shared<ListSmall>();
  change->command = "small_connected_region_detect";
  change->steps = {step};
  command.option("--root_dir", change->root, "The dataset's folder").type_name("FOLDER").required();
  add_step_options(command, step);
  add_again(command, *change);
  command.work([=](const Context& context) {
    change->output = change->root;
    return list_regions(*change, *step, context);
  });
}

}  // namespace nicohort
