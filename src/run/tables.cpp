#include "run/tables.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <unordered_map>

#include "base/listener.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/index_manifests.hpp"
#include "dataset/make_split.hpp"
#include "dataset/region_table.hpp"
#include "dataset/same_scans.hpp"
#include "dataset/split_rows.hpp"
#include "image/header.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Which samples of the archive the manifest does not have.
void tell_absent(const fs::path& root, const std::vector<WrittenSample>& samples,
                 const std::vector<std::string>& in_archive, Listener& listener) {
  constexpr std::size_t most = 3;
  std::set<std::string> written;
  for (const auto& [record, info] : samples) written.insert(record->id);
  std::vector<std::string> absent;
  std::set_difference(in_archive.begin(), in_archive.end(), written.begin(), written.end(),
                      std::back_inserter(absent));
  if (absent.empty()) return;
  listener.summary(
      fmt::format("{} of the archive {} not in the manifest: {}{}; {} says why.",
                  counted(absent.size(), "sample"), absent.size() == 1 ? "is" : "are",
                  fmt::join(absent.begin(), absent.begin() + std::min(absent.size(), most), ", "),
                  absent.size() > most ? fmt::format(" and {} more", absent.size() - most) : "",
                  problems_in(root, "run").string()));
}

// Such volumes can be right, but whoever trains with them gets NaN.
void warn_of_not_finite(const std::vector<WrittenSample>& samples, Listener& listener) {
  std::vector<std::string> ids;
  for (const auto& [record, info] : samples)
    if (record->volume &&
        std::any_of(record->volume->channels.begin(), record->volume->channels.end(),
                    [](const ChannelSummary& channel) { return channel.not_finite > 0; }))
      ids.push_back(record->id);
  if (!ids.empty())
    listener.warning(fmt::format(
        "The {} of {} {} voxels that are NaN or infinite, which training cannot use: {}",
        ids.size() == 1 ? "volume" : "volumes", counted(ids.size(), "sample"),
        ids.size() == 1 ? "has" : "have", some_of(ids)));
}

}  // namespace

std::string in_recipe(const Recipe& recipe, const SplitPlan& plan, const std::string& what) {
  return fmt::format("recipe {}, line {}: {}", recipe.source(), plan.line, what);
}

void write_region_tables(const fs::path& root, const Recipe& recipe,
                         const std::vector<WrittenSample>& samples, Report& report) {
  for (const RegionTable& table : region_tables(all_steps(recipe.steps()))) {
    std::vector<SampleRegions> regions;
    for (const auto& [record, info] : samples)
      if (auto of_sample = regions_of(*record, table.step))
        regions.push_back(std::move(*of_sample));
    const fs::path file = root / descriptor_folder / table.file;
    Report problems(report.listener());
    try {
      write_table(file, region_sheets(regions, table.smaller_than));
    } catch (const BadInput& bad) {  // more regions than a worksheet can have
      problems.add(problem_of(bad, table.file));
    }
    put_problems(problems.problems(), problems_beside(file));
    report.keep(problems.problems());
  }
}

void write_dataset_manifest(const fs::path& root, const std::vector<WrittenSample>& samples,
                            Listener& listener) {
  std::vector<SampleDescription> descriptions;
  for (const auto& [record, info] : samples) descriptions.push_back(describe(*record, info));
  const fs::path file = root / dataset_manifest_path;
  put_manifest(file, {"Manifest", dataset_table(descriptions)});
  put_problems({}, problems_beside(file));
  listener.summary(
      fmt::format("{} in the manifest {}.", counted(descriptions.size(), "sample"), file.string()));
}

void write_splits(const fs::path& root, const Recipe& recipe,
                  const std::vector<WrittenSample>& samples, Report& report) {
  const fs::path manifest = root / dataset_manifest_path;
  std::unordered_map<std::string, const SampleRecord*> records;
  for (const auto& [record, info] : samples) records[record->id] = record;
  auto record_of = [&](const std::string& id) {
    const auto found = records.find(id);
    return found == records.end() ? nullptr : found->second;
  };
  for (const SplitPlan& plan : recipe.splits()) {
    try {
      Report problems(report.listener());
      make_split({manifest, "Manifest", plan, {}, record_of}, recipe, problems);
      report.keep(problems.problems());
      if (!plan.subsets.empty())
        extract_split_index_manifest({manifest, root / dataset_folder / "splits" / plan.name,
                                      plan.name, plan.subsets, "`subsets`"},
                                     report);
    } catch (const UsageError& error) {
      report.add(plan.name, ProblemKind::split, in_recipe(recipe, plan, error.what()));
    }
  }
}

std::vector<WrittenSample> written_samples(const MadeDataset& made, Report& report) {
  const auto& [dataset, recipe, samples, outcomes, plan] = made;
  const InfoKeys keys = info_keys(recipe);
  std::vector<WrittenSample> written;
  const auto add = [&written, &report](const SampleRecord& record, const auto& read) {
    try {
      written.push_back({&record, read()});
    } catch (const BadInput& bad) {
      report.add(problem_of(bad, record.id));
    }
  };
  const auto add_earlier = [&, &root = dataset](const SampleRecord& record) {
    if (!record.is_written()) return;
    add(record, [&] { return read_info(root, record.sample_files(), keys); });
  };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const SampleRecord& record = outcomes[i].record;
    if (!outcomes[i].is_current)
      add_earlier(record);
    else  // as a reader of the info file gets it: a date is a text there
      add(record, [&, &info = samples[i].info] { return parse_info(info_text(info), keys); });
  }
  for (const auto* list : {&plan.left, &plan.elsewhere})
    for (const SampleRecord& record : *list) add_earlier(record);
  std::sort(written.begin(), written.end(),
            [](const auto& one, const auto& other) { return one.record->id < other.record->id; });
  return written;
}

void write_tables(const fs::path& root, const Recipe& recipe,
                  const std::vector<WrittenSample>& samples,
                  const std::vector<std::string>& in_archive, Report& report) {
  std::vector<FingerprintedSample> volumes;
  for (const auto& [record, info] : samples)
    if (record->volume) volumes.push_back({record->id, record->volume->channels});
  for (const Problem& problem : same_scans(volumes)) report.add(problem);
  // What single commands had left of an earlier state.
  for (const char* command : {"confirm_pairs", "extract_binary_masks", "mask_thresholding",
                              "morphological_open_on_slice_small_region"})
    put_problems({}, problems_in(root / dataset_folder, command));
  write_region_tables(root, recipe, samples, report);
  write_dataset_manifest(root, samples, report.listener());
  tell_absent(root, samples, in_archive, report.listener());
  warn_of_not_finite(samples, report.listener());
  write_splits(root, recipe, samples, report);
  put_problems(report.problems(), problems_in(root, "run"));
}

}  // namespace nicohort
