// Routine 03: one binary mask for each label of the label map.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "cohort/label_names.hpp"
#include "cohort/mask_file.hpp"
#include "cohort/sample.hpp"
#include "cohort/unmapped.hpp"
#include "record/dataset_step.hpp"
#include "routine/all_routines.hpp"
#include "routine/dataset_sample.hpp"
#include "run/lock.hpp"
#include "run/steps.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

struct ExtractOptions {
  fs::path root_dir, label_explanation;
  Compression compression = Compression::balanced;
  bool skip_existing = false;
};

bool all_exist(const fs::path& root, const SampleFiles& sample, const LabelNames& names) {
  return std::all_of(names.begin(), names.end(), [&](const auto& label) {
    std::error_code error;
    return fs::exists(root / sample.binary_mask(label.first, label.second), error);
  });
}

// Masks of a label that the map calls otherwise now.
void report_renamed(const fs::path& root, const SampleFiles& sample, const LabelNames& names,
                    ProblemSink& problems) {
  for (const BinaryMaskFile& mask : find_binary_masks(root, sample)) {
    const auto label = names.find(mask.label);
    if (label != names.end() && label->second != mask.name)
      problems.add(mask.path.generic_string(),
                   fmt::format("is a mask of label {}, which the label map calls {}; remove it",
                               mask.label, label->second));
  }
}

// Masks that were made of the sample once and have been removed: those of renamed labels.
std::vector<std::string> removed_masks(const fs::path& root, const SampleFiles& sample) {
  std::vector<std::string> removed;
  if (const auto record = readable_record(root, sample.id))
    for (const auto& [file, sha256] : record->files)
      if (std::error_code error; file != sample.volume() && file != sample.mask() &&
                                 file != sample.info() && !fs::exists(root / file, error))
        removed.push_back(file);
  return removed;
}

void extract_sample(const ExtractOptions& options, const SampleFiles& sample,
                    const LabelNames& names, const DatasetStep& work, ProblemSink& problems) {
  LoadedMask mask = load_mask(options.root_dir, sample.mask());
  for (const std::string& problem : unmapped_values(mask.labels, names))
    problems.add(sample.mask().generic_string(), problem);
  std::vector<fs::path> masks;
  for (const auto& [label, name] : names) masks.push_back(sample.binary_mask(label, name));
  if (work.done(sample, masks)) return;
  StagedSample staged(options.root_dir, options.compression);
  for (const auto& [label, name] : names)
    staged.add_mask(sample.binary_mask(label, name), mask.header.geometry,
                    relabel(select(mask.labels, label), 1));
  work.commit(staged, sample, with_counts(work.step(), names, mask.labels),
              removed_masks(options.root_dir, sample));
}

int extract_binary_masks(const ExtractOptions& options, const Effort& effort) {
  LabelNames names = load_label_names(options.label_explanation);
  const DatasetAtWork dataset(options.root_dir, options.root_dir);
  const auto& samples = dataset.samples();
  DatasetStep work(options.root_dir, options.root_dir, MaskWork::derives,
                   extract_step(names, options.compression), samples, options.skip_existing);
  Report report;
  std::atomic<std::size_t> written = 0, skipped = 0, without_mask = 0;
  for_each_sample(options.root_dir, samples, effort, report,
                  [&](const SampleFiles& sample, ProblemSink& problems) {
                    if (!has_mask(options.root_dir, sample)) {
                      ++without_mask;
                      return;
                    }
                    report_renamed(options.root_dir, sample, names, problems);
                    if (work.skips_existing(sample) && all_exist(options.root_dir, sample, names)) {
                      ++skipped;
                      return;
                    }
                    extract_sample(options, sample, names, work, problems);
                    ++written;
                  });
  say(fmt::format("{} of {} extracted into {} each, {} skipped, {} without a mask.", written,
                  counted(samples.size(), "sample"), counted(names.size(), "binary mask"), skipped,
                  without_mask));
  const int status = finish_in(report, options.root_dir, "extract_binary_masks");
  work.finish();
  return status;
}

}  // namespace

void add_extract_binary_masks(Program& program) {
  Command command =
      program.command("extract_binary_masks", "03_extract_binary_masks",
                      "Split every multi-label mask into a binary mask for each label",
                      "nicohort extract_binary_masks --root_dir root_dir/grouped "
                      "--label_explanation root_dir/descriptor/label_map.yaml");
  auto options = std::make_shared<ExtractOptions>();
  command.option("--root_dir", options->root_dir, "The dataset's folder").required();
  command.option("--label_explanation", options->label_explanation, "The labels' names, YAML")
      .required();
  command.flag("--skip_existing", options->skip_existing,
               "Leave samples alone that have all their binary masks");
  add_compression(command, options->compression);
  command.work([=](const Effort& effort) { return extract_binary_masks(*options, effort); });
}

}  // namespace nicohort
