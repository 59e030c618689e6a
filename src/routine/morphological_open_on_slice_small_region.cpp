// Cleans masks: opens the small regions of every slice of every binary mask and merges the masks
// again.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "cohort/mask_file.hpp"
#include "cohort/sample.hpp"
#include "record/dataset_step.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "run/lock.hpp"
#include "run/steps.hpp"
#include "step/denoise.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct CleaningOptions {
  fs::path root_dir, output_dir;
  Compression compression = Compression::balanced;
  std::vector<int> kernel_size{5, 5};
  std::vector<double> thresh{-140, 1000};
  bool no_thresh = false, skip_existing = false;
  DenoiseParameters denoise;
};

std::optional<Window> denoise_window(const CleaningOptions& options) {
  if (options.no_thresh) return {};
  return window_of(options.thresh);
}

struct LoadedMasks {
  LabelledMasks masks;
  Geometry geometry;
};

LoadedMasks load_binary_masks(const fs::path& root, const std::vector<BinaryMaskFile>& files) {
  LoadedMasks loaded;
  for (const BinaryMaskFile& file : files) {
    LoadedMask mask = load_mask(root, file.path);
    if (loaded.masks.empty()) loaded.geometry = mask.header.geometry;
    const std::string subject = file.path.generic_string();
    if (!(mask.header.geometry.size == loaded.geometry.size))
      throw BadInput(
          subject, "differs in size from the sample's other masks; run extract_binary_masks again");
    if (!loaded.masks.empty() && loaded.masks.back().first == file.label)
      throw BadInput(subject,
                     "is a second mask of the same label; remove the one that is out of date");
    loaded.masks.emplace_back(file.label, foreground(mask.labels));
  }
  return loaded;
}

// A label whose mask is lost would be merged as if nothing had that label. One under another name
// is not lost.
void require_recorded_masks(const fs::path& root, const SampleFiles& sample,
                            const std::vector<BinaryMaskFile>& files) {
  const auto record = readable_record(root, sample.id);
  if (!record) return;
  auto has_label = [&](const std::string& recorded) {
    return std::any_of(files.begin(), files.end(), [&](const BinaryMaskFile& file) {
      const std::string unnamed = sample.binary_mask(file.label, "").generic_string();
      return recorded.starts_with(unnamed.substr(0, unnamed.rfind('_') + 1));
    });
  };
  for (const auto& [file, sha256] : record->files)
    if (file != sample.volume() && file != sample.info() && file != sample.mask() &&
        !has_label(file))
      throw BadInput(file, "is missing; run extract_binary_masks again");
}

std::vector<fs::path> written_masks(const SampleFiles& sample,
                                    const std::vector<BinaryMaskFile>& files) {
  std::vector<fs::path> masks{sample.mask()};
  for (const BinaryMaskFile& file : files) masks.push_back(file.path);
  return masks;
}

void clean_sample(const CleaningOptions& options, const SampleFiles& sample,
                  const std::vector<BinaryMaskFile>& files, const DatasetStep& work) {
  if (work.done(sample, written_masks(sample, files))) return;
  require_recorded_masks(options.root_dir, sample, files);
  auto [masks, geometry] = load_binary_masks(options.root_dir, files);
  BinaryMask where = foreground(masks);
  const auto window = denoise_window(options);
  BinaryMask outside =
      window ? voxels_outside(options.root_dir, sample, where, *window) : subtract(where, where);
  const Cleaned cleaned = clean(std::move(masks), outside, geometry.spacing, options.denoise);
  StagedSample staged(options.output_dir, options.compression);
  staged.add_mask(sample.mask(), geometry, cleaned.mask);
  for (const BinaryMaskFile& file : files)
    staged.add_mask(file.path, geometry, relabel(select(cleaned.mask, file.label), 1));
  work.commit(staged, sample, with_counts(work.step(), cleaned.changes));
}

int clean_dataset(CleaningOptions options, const Effort& effort) {
  const auto window = denoise_window(options);
  options.denoise.kernel_x = options.kernel_size[0];
  options.denoise.kernel_y = options.kernel_size[1];
  const DatasetAtWork dataset(options.root_dir, options.output_dir);
  const auto& samples = dataset.samples();
  DatasetStep work(options.root_dir, options.output_dir, MaskWork::changes,
                   denoise_step(options.denoise, window, options.compression), samples,
                   options.skip_existing);
  Report report;
  std::atomic<std::size_t> written = 0, skipped = 0;
  auto exists = [&](const fs::path& file) {
    std::error_code error;
    return fs::exists(options.output_dir / file, error);
  };
  for_each_sample(options.root_dir, samples, effort, report,
                  [&](const SampleFiles& sample, ProblemSink&) {
                    auto files = find_binary_masks(options.root_dir, sample);
                    if (files.empty() && !has_mask(options.root_dir, sample)) return;
                    if (files.empty())
                      throw BadInput("has no binary masks; run extract_binary_masks first");
                    if (work.skips_existing(sample) && exists(sample.mask()) &&
                        std::all_of(files.begin(), files.end(),
                                    [&](const auto& file) { return exists(file.path); })) {
                      ++skipped;
                      return;
                    }
                    clean_sample(options, sample, files, work);
                    ++written;
                  });
  say(fmt::format("{} of {} cleaned, {} skipped; masks are in {}.", written,
                  counted(samples.size(), "sample"), skipped, options.output_dir.string()));
  const int status =
      finish_in(report, options.output_dir, "morphological_open_on_slice_small_region");
  work.finish();
  return status;
}

}  // namespace

void add_morphological_open_on_slice_small_region(Program& program) {
  Command command = program.command(
      "morphological_open_on_slice_small_region", "",
      "Remove specks and fill holes, slice by slice, and leave larger regions as they are",
      "nicohort morphological_open_on_slice_small_region --root_dir root_dir/grouped "
      "--output_dir root_dir/grouped --kernel_size 2 2 --filter_halfedge 3 --region_area_thresh "
      "10");
  auto options = std::make_shared<CleaningOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command
      .option("--output_dir", options->output_dir,
              "Where the masks go; may be the dataset's folder itself")
      .required();
  command.option("--kernel_size", options->kernel_size, "Opening rectangle along x and y (voxels)")
      .takes(2, 2)
      .between(1, 1000)
      .shows_default();
  command
      .option("--filter_halfedge", options->denoise.filter_halfedge,
              "Half edge of the window that decides contested voxels (voxels)")
      .between(0, 1000)
      .shows_default();
  command
      .option("--region_area_thresh", options->denoise.region_area_thresh,
              "Regions of a slice of less than this are small (mm²)")
      .not_negative()
      .shows_default();
  command.option("--thresh", options->thresh, "Lowest and highest value of foreground (HU)")
      .takes(2, 2)
      .shows_default();
  command.flag("--no_thresh", options->no_thresh, "Do not look at the volume").excludes("--thresh");
  command.choice<EmptyLabel>(
      "--empty_label",
      {{"neighbourhood", EmptyLabel::neighbourhood}, {"background", EmptyLabel::background}},
      options->denoise.empty_label,
      "What a voxel becomes that no mask claims (default: neighbourhood)");
  command.flag("--skip_existing", options->skip_existing,
               "Leave samples alone that have all their masks in --output_dir");
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return clean_dataset(*options, effort); });
}

}  // namespace nicohort
