// Sets foreground of the multi-label masks to background where the volume's value is out of range.
#include <fmt/format.h>

#include "cohort/mask_file.hpp"
#include "cohort/sample.hpp"
#include "record/dataset_step.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "run/lock.hpp"
#include "run/steps.hpp"
#include "step/extract.hpp"
#include "step/threshold.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct ThresholdingOptions {
  fs::path root_dir, output_dir;
  Compression compression = Compression::balanced;
  std::vector<double> thresh{-140, 1000};
};

// Gives the count of corrected voxels.
std::int64_t threshold_sample(const ThresholdingOptions& options, const SampleFiles& sample,
                              const DatasetStep& work) {
  if (auto done = work.done(sample, {sample.mask()})) return cleaning_by(*done).thresholded;
  LoadedMask mask = load_mask(options.root_dir, sample.mask());
  BinaryMask outside =
      voxels_outside(options.root_dir, sample, foreground(mask.labels), window_of(options.thresh));
  const std::int64_t corrected = count(outside);
  StagedSample staged(options.output_dir, options.compression);
  if (corrected > 0 || !work.is_in_place())
    staged.add_mask(sample.mask(), mask.header.geometry, clear(mask.labels, outside));
  work.commit(staged, sample, with_counts(work.step(), corrected));
  return corrected;
}

int mask_thresholding(const ThresholdingOptions& options, const Effort& effort) {
  const Step step = threshold_step(window_of(options.thresh), options.compression);
  const DatasetAtWork dataset(options.root_dir, options.output_dir);
  const auto& samples = dataset.samples();
  DatasetStep work(options.root_dir, options.output_dir, MaskWork::changes, step, samples);
  Report report;
  auto corrected = map_samples<std::int64_t>(
      options.root_dir, samples, effort, report, [&](const SampleFiles& sample, ProblemSink&) {
        return has_mask(options.root_dir, sample) ? threshold_sample(options, sample, work) : 0;
      });
  std::size_t changed = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (corrected[i].value_or(0) == 0) continue;
    ++changed;
    say(fmt::format("{}: {} corrected", samples[i].id, counted(*corrected[i], "voxel")));
  }
  say(fmt::format("{} of {} changed; masks are in {}.", changed, counted(samples.size(), "sample"),
                  options.output_dir.string()));
  const int status = finish_in(report, options.output_dir, "mask_thresholding");
  work.finish();
  return status;
}

}  // namespace

void add_mask_thresholding(Program& program) {
  Command command = program.command(
      "mask_thresholding", "",
      "Set mask voxels to background where the volume's value is out of range",
      "nicohort mask_thresholding --root_dir root_dir/grouped --thresh -140.0 1000.0 "
      "--output_dir root_dir/grouped");
  auto options = std::make_shared<ThresholdingOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command.option("--thresh", options->thresh, "Lowest and highest value of foreground (HU)")
      .takes(2, 2)
      .shows_default();
  command
      .option("--output_dir", options->output_dir,
              "Where the masks go; may be the dataset's folder itself")
      .required();
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return mask_thresholding(*options, effort); });
}

}  // namespace nicohort
