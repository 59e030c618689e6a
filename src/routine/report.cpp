// A report of a dataset: a folder that opens in any browser.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "cohort/archive_sample.hpp"
#include "cohort/below.hpp"
#include "cohort/mask_file.hpp"
#include "cohort/recipe.hpp"
#include "record/unfinished.hpp"
#include "report/report_folder.hpp"
#include "routine/all_routines.hpp"
#include "routine/cohort_reporting.hpp"
#include "routine/dataset_sample.hpp"
#include "run/lock.hpp"
#include "run/pipeline.hpp"
#include "run/process_sample.hpp"
#include "run/steps.hpp"
#include "step/confirm.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// The samples that the archive manifest lists, if there is one.
std::vector<ArchiveSample> archived_samples(const fs::path& root, const Recipe& recipe,
                                            Report& report) {
  const fs::path manifest = root / descriptor_folder / "archive_manifest.xlsx";
  std::error_code error;
  if (!fs::exists(manifest, error)) return {};
  try {
    return samples_of(read_table(manifest), manifest.string(), recipe, report);
  } catch (const BadInput& bad) {
    report.add(manifest.string(), bad.what());
  } catch (const UsageError& wrong) {
    report.add(manifest.string(), wrong.what());
  }
  return {};
}

// The mask as drawn, if the archive still has it and it fits the volume.
std::optional<LabelMask> drawn_mask(const fs::path& archive, const ArchiveSample* sample,
                                    const Geometry& volume) {
  std::error_code error;
  if (sample == nullptr || sample->mask.empty() || !fs::is_directory(archive, error)) return {};
  if (!fs::exists(archive / sample->mask, error))
    throw BadInput(sample->mask,
                   "is not in the archive, so the dataset's mask stands for the mask as drawn; "
                   "bring it back, or make the report with run if it has a pseudonym");
  require_below(archive, archive / sample->mask, "archive");
  LoadedMask mask = load_mask(archive, sample->mask);
  blaming(sample->mask, [&] { return confirm_geometry(volume, mask.header.geometry); });
  return std::move(mask.labels);
}

// A record that cannot be read is a problem, and the sample is shown without what it says.
std::optional<SampleRecord> record_of(const fs::path& dataset, const std::string& id,
                                      ProblemSink& problems) {
  try {
    return read_record(dataset, id);
  } catch (const BadInput& bad) {
    problems.add(bad);
    return {};
  }
}

// Reads the sample's volume once. parameters: what holds where the sample has no record.
ReportedSample examine_sample(const fs::path& root, const SampleFiles& files,
                              const ArchiveSample* archived, ExaminationParameters parameters,
                              const fs::path& output, ProblemSink& problems) {
  const fs::path dataset = root / dataset_folder;
  const auto record = record_of(dataset, files.id, problems);
  if (record) parameters.window = window_on(*record);
  ReportedSample sample;
  sample.info =
      blaming(files.info().generic_string(), [&] { return read_info(dataset / files.info()); });
  sample.info.id = files.id;
  ImageReader volume = open_volume(dataset, files.volume());
  sample.geometry = volume.header().geometry;
  std::optional<ExaminedMasks> masks;
  if (has_mask(dataset, files)) {
    masks.emplace();
    masks->cleaned = load_mask(dataset, files.mask()).labels;
    require_same_size(sample.geometry.size, masks->cleaned.size());
    std::optional<LabelMask> drawn;
    try {
      drawn = drawn_mask(root / archive_folder, archived, sample.geometry);
    } catch (const BadInput& bad) {
      problems.add(bad);
    }
    masks->drawn = drawn ? std::move(*drawn) : masks->cleaned;
  }
  const Examination examination =
      examine(sample.geometry, masks, parameters, [&](const TakeValues& take) {
        blaming(files.volume().generic_string(), [&] { volume.read_values(take); });
      });
  write_thumbnail(output, files.id, examination.picture);
  sample.mask = examination.mask;
  if (sample.mask && record) sample.mask->cleaning = cleaning_on(*record);
  sample.has_thumbnail = sample.is_written = true;
  return sample;
}

LabelNames label_names(const fs::path& root, const Pipeline& pipeline) {
  const fs::path file = root / descriptor_folder / "label_map.yaml";
  std::error_code error;
  return fs::exists(file, error) ? load_label_names(file) : pipeline.labels;
}

bool has_lower_id(const SampleFiles& a, const SampleFiles& b) {
  return a.id < b.id;
}

// A sample that could not be examined, with what is known of it all the same.
ReportedSample unusable_sample(const SampleFiles& files,
                               const std::map<std::string, const ArchiveSample*>& archived) {
  ReportedSample sample;
  if (auto found = archived.find(files.id); found != archived.end())
    sample.info = found->second->info;
  sample.info.id = files.id;
  return sample;
}

int report(const ReportOptions& options, const Effort& effort) {
  const fs::path root = options.root_dir;
  require_folder(root, "--root_dir");
  const Report problems = make_report(options, effort);
  const fs::path output = options.output.empty() ? root / report_folder : options.output;
  return finish_in(problems, output, "report");
}

}  // namespace

Report make_report(const ReportOptions& options, const Effort& effort) {
  const fs::path root = options.root_dir, dataset = root / dataset_folder,
                 output = options.output.empty() ? root / report_folder : options.output;
  const Recipe recipe = load_recipe(options.recipe);
  Pipeline pipeline = load_pipeline(options.recipe);
  pipeline.labels = label_names(root, pipeline);
  const ExaminationParameters parameters = examination_of(pipeline);
  const auto files = find_samples(dataset);
  const FolderLock lock(dataset, FolderLock::Sharing::with_commands);

  Report problems;
  const auto archived = archived_samples(root, recipe, problems);
  std::map<std::string, const ArchiveSample*> by_id;
  for (const ArchiveSample& sample : archived) by_id[sample.info.id] = &sample;
  report_unfinished(dataset, problems);
  auto examined = map_samples<ReportedSample>(
      dataset, files, effort, problems, [&](const SampleFiles& sample, ProblemSink& sink) {
        auto found = by_id.find(sample.id);
        return examine_sample(root, sample, found == by_id.end() ? nullptr : found->second,
                              parameters, output, sink);
      });
  std::vector<ReportedSample> samples;
  for (std::size_t i = 0; i < files.size(); ++i)
    samples.push_back(examined[i] ? std::move(*examined[i]) : unusable_sample(files[i], by_id));
  for (const ArchiveSample& sample : archived)
    if (!std::binary_search(files.begin(), files.end(), sample.files(), has_lower_id))
      samples.push_back({sample.info, false, {}, {}, false});
  put_report({root, output, recipe, pipeline, true}, std::move(samples), problems);
  return problems;
}

void add_report(Program& program) {
  Command command = program.command(
      "report", "", "Show a dataset in a browser: figures, pictures, problems",
      "nicohort report --root_dir root_dir    (root_dir has the folder grouped in it)");
  auto options = std::make_shared<ReportOptions>();
  command
      .option("--root_dir", options->root_dir,
              "The folder that has grouped/; descriptor/ and archive/ are used if they are there")
      .required();
  command.option("--output", options->output, "The report's folder (default: report in root_dir)");
  command.option("--recipe", options->recipe,
                 "The archive's layout and thresholds (default: ESO-2025.10.31)");
  command.work([=](const Effort& effort) { return report(*options, effort); });
}

}  // namespace nicohort
