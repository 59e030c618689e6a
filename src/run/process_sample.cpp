#include "run/process_sample.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "cohort/below.hpp"
#include "cohort/unmapped.hpp"
#include "record/own_file.hpp"
#include "record/staged_sample.hpp"
#include "report/report_folder.hpp"
#include "run/archive_image.hpp"
#include "run/pair.hpp"
#include "run/steps.hpp"
#include "step/extract.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::string hex_of(std::span<const std::byte> bytes) {
  std::string hex;
  for (std::byte byte : bytes) hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
  return hex;
}

std::vector<std::byte> bytes_of(const std::string& hex) {
  std::vector<std::byte> bytes(hex.size() / 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    unsigned byte = 0;
    std::from_chars(hex.data() + 2 * i, hex.data() + 2 * i + 2, byte, 16);
    bytes[i] = static_cast<std::byte>(byte);
  }
  return bytes;
}

nlohmann::json or_null(const std::optional<double>& number) {
  return number ? nlohmann::json(*number) : nlohmann::json();
}

std::vector<std::uint8_t> labels_of(const LabelNames& names) {
  std::vector<std::uint8_t> labels;
  for (const auto& [label, name] : names) labels.push_back(label);
  return labels;
}

// Reads the volume once: writes it, shows it to the examiner, and finds what lies outside the two
// windows under the mask.
struct Outside {
  BinaryMask threshold, denoise;
};
Outside stream_volume(ImageReader& volume, ImageWriter& output, const BinaryMask& where,
                      Examiner& examiner, const Pipeline& pipeline) {
  // What thresholding has removed already cannot drop out again.
  const bool is_second_window =
      pipeline.denoise_threshold && pipeline.denoise_threshold != pipeline.threshold;
  std::optional<OutsideWindow> threshold, denoise;
  if (pipeline.threshold) threshold.emplace(where, *pipeline.threshold);
  if (is_second_window) denoise.emplace(where, *pipeline.denoise_threshold);
  volume.read_values([&](std::span<const float> values) {
    output.write(values);
    examiner.feed(values);
    if (threshold) threshold->feed(values);
    if (denoise) denoise->feed(values);
  });
  BinaryMask none(where.size());
  none.end_rows(where.size().rows());
  return {threshold ? threshold->finish() : none, denoise ? denoise->finish() : none};
}

std::vector<MeasuredRegion> listed(const BinaryMask& mask, const Geometry& geometry,
                                   const std::optional<double>& volume_thresh) {
  if (!volume_thresh) return {};
  return small_regions(mask, geometry, *volume_thresh);
}

// The mask's part: from the mask as drawn to the cleaned one, which it gives.
LabelMask write_masks(const SampleJob& job, LabelMask labels, Outside outside,
                      const Geometry& geometry, StagedSample& staged, SampleRecord& record,
                      Outcome& outcome) {
  const SampleFiles files = job.sample.files();
  const Pipeline& pipeline = job.pipeline;
  auto step = std::next(record.steps.begin());  // after confirm_pairs, as steps_of() has them
  auto has_done = [&](const auto&... counts) {
    *step = with_counts(std::move(*step), counts...);
    ++step;
  };
  outcome.corrected = count(outside.threshold);
  if (outcome.corrected > 0) labels = clear(labels, outside.threshold);
  if (pipeline.threshold) has_done(outcome.corrected);
  for (const std::string& problem : unmapped_values(labels, pipeline.labels))
    outcome.extraction.push_back({files.mask().generic_string(), problem});
  LabelledMasks masks = extract(labels, labels_of(pipeline.labels));
  has_done(pipeline.labels, labels);
  if (pipeline.denoise)
    labels = {};  // masks of large volumes are let go as soon as they have served
  for (const auto& [label, mask] : masks)
    outcome.labels.push_back({label, false, listed(mask, geometry, pipeline.small_regions), {}});
  if (pipeline.denoise) {
    Cleaned cleaned = clean(std::move(masks), outside.denoise, geometry.spacing, *pipeline.denoise);
    has_done(cleaned.changes);
    labels = std::move(cleaned.mask);
  }
  masks = {};
  outside = {};
  staged.add_mask(files.mask(), geometry, labels);
  for (LabelOutcome& of_label : outcome.labels) {
    BinaryMask mask = select(labels, of_label.label);
    of_label.exists = !mask.runs().empty();
    of_label.after = listed(mask, geometry, pipeline.small_regions_after);
    staged.add_mask(files.binary_mask(of_label.label, pipeline.labels.at(of_label.label)), geometry,
                    relabel(mask, 1));
  }
  outcome.statistics.cleaning = cleaning_on(record);
  return labels;
}

void add_statistics(const LabelMask& cleaned, Examiner& examiner, Outcome& outcome) {
  MaskStatistics& statistics = outcome.statistics;
  statistics.voxels = foreground_voxels(cleaned);
  statistics.intensity = examiner.intensity();
  for (const LabelOutcome& of_label : outcome.labels) {
    if (of_label.label == 0) continue;
    statistics.small_regions_before += std::ssize(of_label.before);
    statistics.small_regions_after += std::ssize(of_label.after);
  }
}

FileRecord recorded(const fs::path& root, const fs::path& file, const std::string& sha256) {
  FileRecord record = look_at(root, file.generic_string());
  record.sha256 = sha256;
  return record;
}

void process(const SampleJob& job, Outcome& outcome) {
  const ArchiveSample& sample = job.sample;
  const SampleFiles files = sample.files();
  // As they are before they are read: one that is replaced meanwhile is a changed file to the next
  // run.
  FileRecord mask_file = look_at_image(job.archive, sample.mask);
  FileRecord volume_file = look_at_image(job.archive, sample.volume);
  Pair pair = load_pair(job.archive, sample, job.root / dataset_folder);
  outcome.confirmation = pair.warnings;
  outcome.has_mask = pair.mask.has_value();
  if (pair.mask) {
    mask_file.sha256 = pair.mask->sha256;
    outcome.inputs.push_back(mask_file);
  }
  // What a reader of the written volume gets: SPEC 3 derives spacing and codes anew.
  const Geometry& source = pair.volume.header().geometry;
  const auto header = make_header(source, DataType::float32);
  const Geometry geometry = parse_header(header).geometry;
  StagedSample staged(job.root / dataset_folder, job.compression);
  ImageWriter& output = staged.add_volume(files.volume(), source);
  BinaryMask where(source.size);
  if (pair.mask)
    where = foreground(pair.mask->labels);
  else
    where.end_rows(source.size.rows());
  Examiner examiner(geometry, where);
  Outside outside = blaming(sample.volume, [&] {
    return stream_volume(pair.volume, output, where, examiner, job.pipeline);
  });
  output.finish();
  SampleRecord record = confirmed(sample, pair);
  record.steps = steps_of(job);
  volume_file.sha256 = record.inputs.front().sha256;
  outcome.inputs.push_back(volume_file);
  outcome.value_hash = record.value_hash;
  BinaryMask shown = where;
  if (pair.mask) {
    const LabelMask cleaned = write_masks(job, std::move(pair.mask->labels), std::move(outside),
                                          geometry, staged, record, outcome);
    add_statistics(cleaned, examiner, outcome);
    shown = foreground(cleaned);
  }
  staged.add_text(files.info(), info_text(sample.info));
  for (const fs::path& file : staged.replace(record))
    if (file != files.info())  // which a change of the metadata alone writes anew
      outcome.outputs.push_back(
          recorded(job.root, dataset_folder / file, record.files.at(file.generic_string())));
  write_thumbnail(job.root / report_folder, sample.info.id, examiner.picture(where, shown));
  outcome.outputs.push_back(
      look_at(job.root, fmt::format("{}/{}", report_folder, thumbnail_path(sample.info.id))));
  outcome.volume_header = hex_of(header);
  outcome.written = true;
}

}  // namespace

std::vector<Step> steps_of(const SampleJob& job) {
  const Pipeline& pipeline = job.pipeline;
  std::vector<Step> steps{confirm_step(job.compression)};
  if (job.sample.mask.empty()) return steps;
  if (pipeline.threshold) steps.push_back(threshold_step(*pipeline.threshold, job.compression));
  steps.push_back(extract_step(pipeline.labels, job.compression));
  if (pipeline.denoise)
    steps.push_back(denoise_step(*pipeline.denoise, pipeline.denoise_threshold, job.compression));
  return steps;
}

std::string parameters_of(const SampleJob& job) {
  nlohmann::json all{{"version", NICOHORT_VERSION},
                     {"volume", job.sample.volume},
                     {"mask", job.sample.mask},
                     {"small_regions", or_null(job.pipeline.small_regions)},
                     {"small_regions_after", or_null(job.pipeline.small_regions_after)},
                     {"steps", nlohmann::json::array()}};
  for (const Step& step : steps_of(job)) all["steps"].push_back(step.parameters);
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

bool is_own_outcome(const std::string& id, const Outcome& outcome) {
  const fs::path thumbnail = fs::path(report_folder) / thumbnail_path(id);
  std::set<fs::path> folders;
  for (const FileRecord& output : outcome.outputs) {
    const fs::path file = output.path, inner = file.lexically_relative(dataset_folder);
    if (file == thumbnail && !folders.empty()) continue;
    if (file != dataset_folder / inner || !is_in_folder_of(id, inner)) return false;
    folders.insert(file.parent_path());
  }
  return folders.size() <= 1 && id.find('/') == std::string::npos &&
         std::all_of(outcome.inputs.begin(), outcome.inputs.end(),
                     [](const FileRecord& input) { return is_below(image_of(input)); });
}

Outcome process_sample(const SampleJob& job) {
  Outcome outcome;
  outcome.parameters = parameters_of(job);
  try {
    process(job, outcome);
  } catch (const BadInput& bad) {
    outcome.confirmation.push_back(
        {bad.subject().empty() ? job.sample.info.id : bad.subject(), bad.what()});
    outcome.outputs.clear();
    outcome.extraction.clear();
    outcome.written = false;
    outcome.inputs.clear();
    for (const std::string& file : {job.sample.mask, job.sample.volume})
      if (!file.empty()) outcome.inputs.push_back(look_at_image(job.archive, file));
  }
  return outcome;
}

ReportedSample reported(const ArchiveSample& sample, const Outcome& outcome) {
  ReportedSample result{sample.info, outcome.written, {}, {}, outcome.written};
  if (!outcome.written) return result;
  result.geometry = parse_header(bytes_of(outcome.volume_header)).geometry;
  if (outcome.has_mask) result.mask = outcome.statistics;
  return result;
}

SampleDescription describe(const ArchiveSample& sample, const Outcome& outcome,
                           const LabelNames& names) {
  SampleDescription description;
  description.files = sample.files();
  description.info = parse_info(info_text(sample.info));
  description.volume = parse_header(bytes_of(outcome.volume_header));
  if (!outcome.has_mask) return description;
  description.mask = description.volume;
  description.mask->type = DataType::uint8;
  for (const LabelOutcome& of_label : outcome.labels) {
    const std::string& name = names.at(of_label.label);
    description.binaries.push_back(
        {{of_label.label, name, description.files.binary_mask(of_label.label, name)},
         of_label.exists});
  }
  return description;
}

}  // namespace nicohort
