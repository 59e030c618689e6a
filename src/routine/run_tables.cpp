#include "routine/run_tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cohort/below.hpp"
#include "cohort/dataset_manifest.hpp"
#include "record/checksums.hpp"
#include "routine/archive_scan.hpp"
#include "routine/cohort_reporting.hpp"
#include "routine/command.hpp"
#include "routine/region_table.hpp"
#include "routine/splits.hpp"
#include "run/archive_image.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

std::string region_manifest(double volume_thresh, const char* ending) {
  return fmt::format("descriptor/small_connected_region_{}{}_manifest.xlsx",
                     format_number(volume_thresh), ending);
}

// The worksheets that a run makes in the dataset manifest.
std::vector<std::string> planned_sheets(const RunState& run) {
  std::vector<std::string> sheets{"Manifest"};
  for (const SplitPlan& plan : run.pipeline.splits) sheets.push_back(plan.name);
  return sheets;
}

}  // namespace

Table make_archive_manifest(RunState& run, Report& report) {
  auto read = [&](const std::string& image) {
    FileRecord file = look_at_image(run.names, image);
    if (auto known = run.journal.header(file); known && !run.options.force) return *known;
    try {
      Header header = open_header(run, image);
      run.journal.put_header(file, header);
      return header;
    } catch (const BadInput&) {
      run.is_complete = false;
      throw;
    }
  };
  return scan_archive(run.names, run.listing, run.recipe, read, run.effort, report).manifest;
}

void write_archive_manifest(RunState& run, Table manifest, const Report& report) {
  put_pseudonym_map(run.names, run.options.pseudonyms);
  const fs::path file = run.table(archive_manifest);
  write_table(file, {{"Manifest", std::move(manifest)}});
  put_problems(report.problems(), problems_beside(file));
  run.problems.keep(report.problems());
}

void write_regions(RunState& run, const std::vector<ArchiveSample>& samples,
                   const std::vector<Outcome>& outcomes, bool is_after) {
  const auto thresh = is_after ? run.pipeline.small_regions_after : run.pipeline.small_regions;
  if (!thresh) return;
  std::vector<SampleRegions> regions;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (!outcomes[i].written || !outcomes[i].has_mask) continue;
    SampleRegions& of_sample = regions.emplace_back(SampleRegions{samples[i].info.id, {}});
    for (const LabelOutcome& label : outcomes[i].labels)
      of_sample.masks.push_back({label.label, run.pipeline.labels.at(label.label),
                                 is_after ? label.after : label.before});
  }
  const fs::path file = run.table(region_manifest(*thresh, is_after ? "_after_modification" : ""));
  Report report;
  try {
    write_table(file, region_sheets(regions, *thresh));
  } catch (const BadInput& bad) {  // more regions than a worksheet can have
    report.add(bad.subject().empty() ? file.filename().string() : bad.subject(), bad.what());
  }
  put_problems(report.problems(), problems_beside(file));
  run.problems.keep(report.problems());
}

void write_dataset_manifest(RunState& run, const std::vector<ArchiveSample>& samples,
                            const std::vector<Outcome>& outcomes) {
  std::vector<SampleDescription> descriptions;
  for (std::size_t i = 0; i < samples.size(); ++i)
    if (outcomes[i].written)
      descriptions.push_back(describe(samples[i], outcomes[i], run.pipeline.labels));
  const fs::path file = run.table(dataset_manifest);
  write_manifest_anew(file, {"Manifest", dataset_table(descriptions)}, planned_sheets(run));
  put_problems({}, problems_beside(file));
  say(fmt::format("{} of {} in the manifest {}.", descriptions.size(),
                  counted(samples.size(), "sample"), file.string()));
}

void write_splits(RunState& run) {
  const fs::path manifest = run.root() / dataset_manifest;
  for (const SplitPlan& plan : run.pipeline.splits) {
    try {
      Report report;
      SplitOptions options{manifest,   "Manifest",  plan.name,       plan.stratify_by,
                           plan.sites, plan.ratios, plan.random_seed};
      if (plan.exclude_rejected) options.review_file = review_beside(manifest);
      make_split(options, report);
      run.problems.keep(report.problems());
      if (plan.subsets.empty()) continue;
      const std::string folder = fmt::format("grouped/splits/{}", plan.name);
      blaming(folder,
              [&] { require_below(run.root() / dataset_folder, run.root() / folder, "dataset"); });
      extract_split_index_manifest({manifest, run.root() / folder, plan.name, plan.subsets});
      for (const Subsets& subsets : plan.subsets)
        run.tables.push_back(
            fmt::format("{}/{}_{}.xlsx", folder, plan.name, fmt::join(subsets, "_")));
    } catch (const UsageError& error) {
      run.problems.add(plan.name, error.what());
    } catch (const BadInput& bad) {
      run.problems.add(bad.subject(), bad.what());
    }
  }
}

void write_report_of(RunState& run, const std::vector<ArchiveSample>& samples,
                     const std::vector<Outcome>& outcomes) {
  std::vector<ReportedSample> shown;
  for (std::size_t i = 0; i < samples.size(); ++i)
    shown.push_back(reported(samples[i], outcomes[i]));
  for (const char* page : {"index.html", "report.js", "report.css", "data.js"})
    run.table(fmt::format("{}/{}", report_folder, page));
  Report problems;  // none: these tables have just been written
  put_report({run.root(), run.root() / report_folder, run.recipe, run.pipeline, false},
             std::move(shown), problems);
}

}  // namespace nicohort
