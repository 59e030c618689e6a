#include "export/export_dataset.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/atomic_file.hpp"
#include "base/disk.hpp"
#include "base/listener.hpp"
#include "export/cohort.hpp"
#include "export/formats.hpp"
#include "export/write_images.hpp"
#include "export/written_export.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::int64_t not_finite_voxels(const ExportSample& sample) {
  std::int64_t voxels = 0;
  for (const ChannelSummary& channel : sample.record.volume->channels) voxels += channel.not_finite;
  return voxels;
}

// One such voxel, and the loss is NaN; nnU-Net stops at it.
void refuse_not_finite(const ExportCohort& cohort, Findings& findings) {
  for (const ExportSample& sample : cohort.samples)
    if (const std::int64_t voxels = not_finite_voxels(sample); voxels > 0)
      findings.add(
          sample.id(), ProblemKind::image_content,
          fmt::format("has {} in its volume that {} NaN or infinite, with which nobody can "
                      "train; export the volume again without them, or leave the sample "
                      "out of the split",
                      counted(voxels, "voxel"), voxels == 1 ? "is" : "are"));
}

// Labels must be consecutive for all formats that are read for training.
ExportPlan plan_of(const ExportCohort& cohort, const ExportOptions& options, Findings& findings) {
  if (options.format == ExportFormat::csv) return plan_csv(cohort, options);
  if (options.format == ExportFormat::bids) return plan_bids(cohort, options, findings);
  refuse_not_finite(cohort, findings);
  const bool has_masks = std::any_of(cohort.samples.begin(), cohort.samples.end(),
                                     [](const ExportSample& sample) { return sample.has_mask(); });
  const ExportLabels labels =
      has_masks ? export_labels(cohort.labels, options.labels, findings) : ExportLabels();
  if (options.format == ExportFormat::monai) return plan_monai(cohort, options, labels, findings);
  if (options.format == ExportFormat::msd) return plan_msd(cohort, options, labels, findings);
  return plan_nnunet(cohort, options, labels, findings);
}

// An option that the format has no use for is a mistake, not to be passed over.
void require_options_of_format(const ExportOptions& options) {
  const auto require = [](bool is_right, const char* option, const char* formats) {
    if (!is_right) throw UsageError(fmt::format("{} is for --format {} only", option, formats));
  };
  const ExportFormat format = options.format;
  const bool is_nnunet = format == ExportFormat::nnunet, is_monai = format == ExportFormat::monai,
             is_msd = format == ExportFormat::msd;
  require(!options.zero_copy || is_nnunet || is_monai, "--zero_copy", "nnunet and monai");
  require(!options.labels.relabel || is_nnunet || is_monai || is_msd, "--relabel",
          "nnunet, monai and msd");
  require(options.labels.ignore_label.empty() || is_nnunet, "--ignore_label", "nnunet");
  require(options.dataset_id == 0 || is_nnunet || is_msd, "--dataset_id", "nnunet and msd");
  require(!options.absolute_paths || format == ExportFormat::csv, "--absolute_paths", "csv");
  require(options.bids_suffix.empty() || format == ExportFormat::bids, "--bids_suffix", "bids");
}

void tell_cohort(const ExportCohort& cohort, Listener& listener) {
  std::size_t empty = 0;
  for (const ExportSample& sample : cohort.samples) {
    empty += sample.has_mask() && sample.record.mask->voxels.empty();
    // Of formats that are not for training alone; the others refuse it.
    if (const std::int64_t voxels = not_finite_voxels(sample); voxels > 0)
      listener.warning(fmt::format(
          "{}: has {} in its volume that {} NaN or infinite; replace them before training",
          sample.id(), counted(voxels, "voxel"), voxels == 1 ? "is" : "are"));
  }
  if (empty > 0)
    listener.warning(
        fmt::format("{} of {} {} no labelled voxel; --require_mask of make_split "
                    "leaves {} out",
                    empty, counted(cohort.samples.size(), "sample"), empty == 1 ? "has" : "have",
                    empty == 1 ? "it" : "them"));
}

// The samples' checksums, by file below the dataset.
Checksums checksums_of(const ExportCohort& cohort) {
  Checksums checksums;
  for (const ExportSample& sample : cohort.samples)
    for (const auto& [name, sha256] : sample.record.files)
      checksums[(fs::path(sample.record.folder) / name).generic_string()] = sha256;
  return checksums;
}

bool has_text(const fs::path& file, const std::string& text) {
  std::error_code error;
  if (fs::file_size(file, error) != text.size() || error) return false;
  return read_file(file, text.size()) == text;
}

// An export that is being written.
class Exporting {
 public:
  Exporting(const ExportPlan& plan, const ExportCohort& cohort, const ExportOptions& options,
            const Context& context)
      : plan_(plan),
        images_(plan, cohort.root, checksums_of(cohort)),
        placer_(options.first_link, options.last_link),
        context_(context),
        before_(read_written_export(plan)),
        now_{plan.format,
             fmt::format("{}-{}", name_of(options.first_link), name_of(options.last_link)),
             {}} {}

  void operator()();

 private:
  fs::path path_of(const std::string& target) const { return plan_.folder / target; }
  bool is_there(const ExportImage& image) const;
  std::vector<const ExportImage*> to_make() const;
  std::vector<std::string> to_remove() const;
  void make_images(const std::vector<const ExportImage*>& images);
  std::size_t write_texts();

  const ExportPlan& plan_;
  const ExportImages images_;
  Placer placer_;
  const Context& context_;
  const WrittenExport before_;
  WrittenExport now_;
};

bool Exporting::is_there(const ExportImage& image) const {
  const auto made = before_.files.find(image.target.generic_string());
  std::error_code error;
  return before_.made == now_.made && made != before_.files.end() &&
         made->second == images_.key_of(image) && fs::exists(plan_.folder / image.target, error);
}

std::vector<const ExportImage*> Exporting::to_make() const {
  std::vector<const ExportImage*> images;
  for (const ExportImage& image : plan_.images)
    if (!is_there(image)) images.push_back(&image);
  return images;
}

std::vector<std::string> Exporting::to_remove() const {
  std::set<std::string> wanted;
  for (const ExportImage& image : plan_.images) wanted.insert(image.target.generic_string());
  for (const ExportText& text : plan_.texts) wanted.insert(text.target.generic_string());
  std::vector<std::string> files;
  for (const auto& [file, key] : before_.files)
    if (!wanted.contains(file)) files.push_back(file);
  return files;
}

void Exporting::make_images(const std::vector<const ExportImage*>& images) {
  std::set<fs::path> folders;
  std::vector<std::string> subjects;
  for (const ExportImage* image : images) {
    folders.insert(path_of(image->target.generic_string()).parent_path());
    subjects.push_back(image->target.generic_string());
  }
  for (const fs::path& folder : folders) fs::create_directories(folder);
  Report report(context_.listener);
  for_each_item("files", subjects, context_, report, [&](std::size_t i, ProblemSink&) {
    images_.put(*images[i], plan_.folder / images[i]->target, placer_);
  });
  for (const fs::path& folder : folders) flush_folder(folder);
  if (!report.problems().empty())
    throw UsageError(
        "the export was not finished; correct the problems above and run the same "
        "command again");
}

std::size_t Exporting::write_texts() {
  std::size_t written = 0;
  for (const auto& [target, text] : plan_.texts) {
    if (has_text(plan_.folder / target, text)) continue;
    write_file(plan_.folder / target, text);
    ++written;
  }
  return written;
}

void Exporting::operator()() {
  const auto images = to_make();
  const auto removed = to_remove();
  for (const ExportImage& image : plan_.images)
    now_.files[image.target.generic_string()] = images_.key_of(image);
  for (const ExportText& text : plan_.texts) now_.files[text.target.generic_string()] = "text";
  const fs::path index = plan_.folder / plan_.texts.back().target;
  if (!images.empty() || !removed.empty()) {
    // Until the last image is there, there is no index, and nobody takes this for an export.
    WrittenExport unfinished = now_;
    for (const ExportImage* image : images) unfinished.files[image->target.generic_string()] = "";
    for (const std::string& file : removed) unfinished.files[file] = "";
    fs::create_directories(plan_.folder);
    for (const fs::path& folder : plan_.folders) fs::create_directories(plan_.folder / folder);
    put_written_export(plan_.folder, unfinished);
    fs::remove(index);
    for (const std::string& file : removed) fs::remove(path_of(file));
    make_images(images);
  }
  const std::size_t texts = write_texts();
  if (images.empty() && removed.empty() && texts == 0) {
    context_.listener.summary(fmt::format("{} is up to date.", plan_.folder.string()));
    return;
  }
  put_written_export(plan_.folder, now_);
  if (!plan_.images.empty())
    context_.listener.summary(fmt::format(
        "{}: {}{}{}.", plan_.folder.string(), counted(plan_.images.size(), "image"),
        images.empty() ? ", all as they were" : ", made anew: " + placer_.text(),
        removed.empty() ? "" : fmt::format("; {} removed", counted(removed.size(), "file"))));
  context_.listener.summary(fmt::format("Its index is {}.", index.string()));
}

}  // namespace

void export_dataset(const ExportOptions& options, const Context& context) {
  require_options_of_format(options);
  const fs::path manifest = options.manifest_file.empty()
                                ? options.root_dir / "dataset_manifest.xlsx"
                                : options.manifest_file;
  Findings findings(context.listener);
  const ExportCohort cohort =
      load_cohort(options.root_dir, manifest, options.split, context, findings);
  if (cohort.samples.empty() && findings.report().problems().empty())
    throw UsageError(fmt::format("{}: has no samples to export", options.root_dir.string()));
  const ExportPlan plan = plan_of(cohort, options, findings);
  findings.require_none();
  tell_cohort(cohort, context.listener);
  Exporting(plan, cohort, options, context)();
}

}  // namespace nicohort
