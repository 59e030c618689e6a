// Lists the small connected regions of every binary mask.
#include <fmt/format.h>

#include "cohort/mask_file.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "routine/region_table.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct RegionDetectOptions {
  fs::path root_dir, output_manifest;
  double region_volume_thresh = 300;
};

SampleRegions measure_sample(const RegionDetectOptions& options, const SampleFiles& sample) {
  SampleRegions regions{sample.id, {}};
  auto files = find_binary_masks(options.root_dir, sample);
  if (files.empty()) throw BadInput("has no binary masks; run extract_binary_masks first");
  for (const BinaryMaskFile& file : files) {
    LoadedMask mask = load_mask(options.root_dir, file.path);
    regions.masks.push_back({file.label, file.name,
                             small_regions(foreground(mask.labels), mask.header.geometry,
                                           options.region_volume_thresh)});
  }
  return regions;
}

int small_connected_region_detect(const RegionDetectOptions& options, const Effort& effort) {
  const DatasetAtWork dataset(options.root_dir);
  auto samples = dataset.samples();
  std::erase_if(samples, [&](const auto& sample) { return !has_mask(options.root_dir, sample); });
  if (samples.empty()) throw UsageError(options.root_dir.string() + ": no sample in it has a mask");
  Report report;
  auto measured = map_samples<SampleRegions>(
      options.root_dir, samples, effort, report,
      [&](const SampleFiles& sample, ProblemSink&) { return measure_sample(options, sample); });
  std::vector<SampleRegions> regions;
  for (auto& sample : measured)
    if (sample) regions.push_back(std::move(*sample));
  auto sheets = region_sheets(regions, options.region_volume_thresh);
  write_table(options.output_manifest, sheets);
  say(fmt::format("{} below {} mm³ in {}: {}.", counted(sheets[1].table.rows.size(), "region"),
                  options.region_volume_thresh, counted(regions.size(), "sample"),
                  options.output_manifest.string()));
  return finish(report, problems_beside(options.output_manifest));
}

}  // namespace

void add_small_connected_region_detect(Program& program) {
  Command command = program.command(
      "small_connected_region_detect", "", "List the small connected regions of every binary mask",
      "nicohort small_connected_region_detect --root_dir root_dir/grouped "
      "--region_volume_thresh 300.0 "
      "--output_manifest root_dir/descriptor/small_connected_region_300_manifest.xlsx");
  auto options = std::make_shared<RegionDetectOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command
      .option("--region_volume_thresh", options->region_volume_thresh,
              "Regions of less than this are listed (mm³)")
      .not_negative()
      .shows_default();
  command.option("--output_manifest", options->output_manifest, "The table to write, .xlsx or .csv")
      .names_a_table()
      .required();
  command.work(
      [=](const Effort& effort) { return small_connected_region_detect(*options, effort); });
}

}  // namespace nicohort
