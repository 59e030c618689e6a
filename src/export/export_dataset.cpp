#include "export/export_dataset.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <unordered_set>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "export/channels.hpp"
#include "export/cohort.hpp"
#include "export/export_folder.hpp"
#include "export/formats.hpp"
#include "export/left_out.hpp"
#include "export/names.hpp"
#include "split/rows.hpp"
#include "step/contrast.hpp"
#include "table/problem_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// One such voxel, and the loss is NaN; nnU-Net stops at it.
void refuse_not_finite(const ExportCohort& cohort, Findings& findings) {
  for (const ExportSample& sample : cohort.samples)
    if (const std::int64_t voxels = sample.not_finite; voxels > 0)
      findings.add(
          sample.id, ProblemKind::image_content,
          fmt::format(
              "has {} in its volume that {} {}, which cannot be used for training; export the "
              "volume again without them, or leave the sample out of the split",
              counted(voxels, "voxel"), voxels == 1 ? "is" : "are", not_finite_text));
}

CohortUse use_of(ExportFormat format) {
  switch (format) {
    case ExportFormat::csv:
      return CohortUse::manifest;
    case ExportFormat::bids:
      return CohortUse::tables;
    default:
      return CohortUse::training;
  }
}

// Labels must be consecutive for all formats that are read for training.
ExportPlan plan_of(const ExportCohort& cohort, const ExportOptions& options, Findings& findings) {
  if (options.format == ExportFormat::csv) return plan_csv(cohort, options, findings);
  if (options.format == ExportFormat::bids) return plan_bids(cohort, options, findings);
  refuse_not_finite(cohort, findings);
  const bool has_masks = std::any_of(cohort.samples.begin(), cohort.samples.end(),
                                     [](const ExportSample& sample) { return sample.has_mask(); });
  LabelOptions of_labels = options.labels;
  of_labels.has_ignored_name = options.format == ExportFormat::nnunet;
  const ExportLabels labels =
      has_masks ? export_labels(cohort.labels, of_labels, findings) : ExportLabels();
  warn_of_unknown_ct(cohort, findings.report().listener());
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
  require(options.dataset_name.empty() || format != ExportFormat::csv, "--dataset_name",
          "nnunet, monai, msd and bids");
  require(!options.absolute_paths || format == ExportFormat::csv, "--absolute_paths", "csv");
  require(options.bids_suffix.empty() || format == ExportFormat::bids, "--bids_suffix", "bids");
  if (options.links != LinkKinds() && (options.zero_copy || format == ExportFormat::csv))
    throw UsageError(fmt::format("--link is of no use with {}, which exports no images",
                                 options.zero_copy ? "--zero_copy" : "--format csv"));
  if (options.zero_copy && options.labels.relabel)
    throw UsageError(
        "--zero_copy and --relabel exclude each other: the masks are used where they are, and "
        "cannot get new numbers");
}

// `train 7 samples of 5 patients, test 3 samples of 2 patients`; what becomes of folds, too.
std::string subsets_text(const ExportCohort& cohort) {
  std::map<std::string, std::pair<std::size_t, std::unordered_set<std::string_view>>> subsets;
  for (const ExportSample& sample : cohort.samples) {
    auto& [samples, patients] = subsets[sample.subset];
    ++samples;
    patients.insert(sample.patient);
  }
  std::set<std::string> names;
  for (const auto& [name, content] : subsets) names.insert(name);
  std::vector<std::string> texts;
  for (const std::string& name : in_order(names)) {
    const auto& [samples, patients] = subsets.at(name);
    const auto fold = std::find(cohort.used.folds.begin(), cohort.used.folds.end(), name);
    const std::string number = std::to_string(fold - cohort.used.folds.begin());
    const bool has_number = fold != cohort.used.folds.end() && number != name;
    texts.push_back(fmt::format("{}{}: {} of {}", name,
                                has_number ? fmt::format(" (fold {})", number) : "",
                                counted(samples, "sample"), counted(patients.size(), "patient")));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

void tell_cohort(const ExportCohort& cohort, Listener& listener) {
  if (!cohort.split.empty())
    listener.summary(fmt::format("Split {}: {}.", cohort.split, subsets_text(cohort)));
  std::size_t empty = 0;
  for (const ExportSample& sample : cohort.samples) {
    empty += sample.has_mask() && sample.is_mask_empty;
    // Of formats that are not for training alone; the others refuse it.
    if (const std::int64_t voxels = sample.not_finite; voxels > 0)
      listener.warning(fmt::format(
          "{}: has {} in its volume that {} {}; replace them before training", sample.id,
          counted(voxels, "voxel"), voxels == 1 ? "is" : "are", not_finite_text));
  }
  if (empty > 0)
    listener.warning(fmt::format(
        "{} of {} {} an empty mask: check that there is nothing to segment in {}; make_split "
        "--require_mask leaves out samples with an empty mask",
        empty, counted(cohort.samples.size(), "sample"), empty == 1 ? "has" : "have",
        empty == 1 ? "it" : "them"));
}

// Beside the folder, which is of others' data or not there yet.
fs::path problems_file_of(const fs::path& output) {
  const fs::path folder = fs::absolute(output).lexically_normal();
  return problems_beside(folder.has_filename() ? folder : folder.parent_path());
}

}  // namespace

void export_dataset(const ExportOptions& options, const Context& context) {
  require_options_of_format(options);
  require_outside(options.output, options.root_dir);
  const fs::path manifest = options.manifest_file.empty()
                                ? options.root_dir / "dataset_manifest.xlsx"
                                : options.manifest_file;
  Findings findings(context.listener);
  const CohortUse use = use_of(options.format);
  ExportCohort cohort =
      load_cohort({options.root_dir, manifest, options.split, use}, context, findings);
  if (use == CohortUse::training) leave_out_tests_of_trained_patients(cohort, context.listener);
  const fs::path problems = problems_file_of(options.output);
  if (cohort.samples.empty()) {
    findings.require_none(problems);
    throw UsageError(fmt::format("{}: has no samples to export; check --root_dir and --split",
                                 options.root_dir.string()));
  }
  const ExportPlan plan = plan_of(cohort, options, findings);
  require_distinct_files(plan, cohort, findings);
  findings.require_none(problems);
  tell_cohort(cohort, context.listener);
  warn_of_rejected(cohort, manifest, context.listener);
  write_export(plan, cohort, options.links, context);
}

}  // namespace nicohort
