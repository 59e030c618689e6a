#include "run/tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "dataset/dataset_manifest.hpp"
#include "dataset/region_table.hpp"
#include "dataset/same_scans.hpp"
#include "run/old_splits.hpp"
#include "split/index_manifests.hpp"
#include "split/make_split.hpp"
#include "step/contrast.hpp"
#include "table/problem_file.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Which samples of the archive the manifest does not have.
void tell_absent(const fs::path& root, const std::vector<std::string>& written,
                 const std::vector<std::string>& in_archive, Listener& listener) {
  std::vector<std::string> absent;
  std::set_difference(in_archive.begin(), in_archive.end(), written.begin(), written.end(),
                      std::back_inserter(absent));
  if (absent.empty()) return;
  listener.summary(fmt::format("{} of the archive {} not in the manifest: {}; {} says why.",
                               counted(absent.size(), "sample"), absent.size() == 1 ? "is" : "are",
                               some_of(absent, 3), problems_in(root, "run").string()));
}

// Such volumes can be right, but whoever trains with them gets NaN.
void warn_of_not_finite(const std::vector<std::string>& ids, Listener& listener) {
  if (!ids.empty())
    listener.warning(fmt::format(
        "The {} of {} {} voxels that are {}, which training cannot use: {}; export the volumes "
        "again without them, or leave the samples out of splits",
        ids.size() == 1 ? "volume" : "volumes", counted(ids.size(), "sample"),
        ids.size() == 1 ? "has" : "have", not_finite_text, some_of(ids)));
}

// regions: for each of the tables.
void write_region_tables(const fs::path& root, const Recipe& recipe,
                         const std::vector<std::vector<SampleRegions>>& regions, Report& report) {
  const std::vector<RegionTable> tables = region_tables(all_steps(recipe.steps()));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    const fs::path file = root / descriptor_folder / tables[i].file;
    Report problems(report.listener());
    try {
      write_table(file, region_sheets(regions[i], tables[i].smaller_than));
    } catch (const BadInput& bad) {  // more regions than a worksheet can have
      problems.add(problem_of(bad, tables[i].file));
    }
    put_problems(problems.problems(), problems_beside(file));
    report.keep(problems.problems());
  }
}

void write_dataset_manifest(const fs::path& root, DatasetTable samples, Listener& listener) {
  const fs::path file = root / dataset_manifest_path;
  const std::size_t count = samples.rows();
  put_manifest(file, {"Manifest", std::move(samples).table()});
  put_problems({}, problems_beside(file));
  listener.summary(fmt::format("{} in the manifest {}.", counted(count, "sample"), file.string()));
}

MadeSplits write_splits(const fs::path& root, const Recipe& recipe, Report& report) {
  const fs::path manifest = root / dataset_manifest_path;
  MadeSplits made;
  for (const SplitPlan& plan : recipe.splits()) {
    try {
      Report problems(report.listener());
      make_split({manifest, "Manifest", plan, {}}, recipe, problems);
      report.keep(problems.problems());
      made.names.insert(plan.name);
      if (plan.subsets.empty()) continue;
      const auto files =
          extract_split_index_manifest({manifest, root / dataset_folder / splits_folder / plan.name,
                                        plan.name, plan.subsets, "`subsets`"},
                                       report);
      made.index_manifests.insert(made.index_manifests.end(), files.begin(), files.end());
    } catch (const UsageError& error) {
      report.add(plan.name, ProblemKind::split, in_recipe(recipe, plan, error.what()));
    } catch (const BadInput& bad) {
      report.add(problem_of(bad, plan.name));
    }
  }
  return made;
}

}  // namespace

std::string in_recipe(const Recipe& recipe, const SplitPlan& plan, const std::string& what) {
  return fmt::format("recipe {}, line {}: {}", recipe.source(), plan.line, what);
}

void require_tables(const fs::path& root, const Recipe& recipe, Listener& listener) {
  const fs::path manifest = root / dataset_manifest_path;
  require_keepable(manifest);
  require_keepable(root / archive_manifest_path);
  for (const RegionTable& table : region_tables(all_steps(recipe.steps())))
    require_region_table(root / descriptor_folder / table.file, "`list_small`");
  for (const SplitPlan& plan : recipe.splits()) try {
      require_worksheet(manifest, plan, listener);
    } catch (const UsageError& error) {
      throw UsageError(in_recipe(recipe, plan, error.what()));
    }
}

void write_tables(const fs::path& root, const Recipe& recipe, WrittenSamples samples,
                  const std::vector<std::string>& in_archive, Report& report) {
  for (const Problem& problem : same_scans(samples.volumes)) report.add(problem);
  samples.volumes = decltype(samples.volumes)();
  // What other commands had found out about an earlier state.
  for (const char* command : {"confirm_pairs", "extract_binary_masks", "mask_thresholding",
                              "morphological_open_on_slice_small_region", "verify"})
    put_problems({}, problems_in(root / dataset_folder, command));
  write_region_tables(root, recipe, samples.regions, report);
  samples.regions = decltype(samples.regions)();
  write_dataset_manifest(root, std::move(samples.manifest), report.listener());
  tell_absent(root, samples.ids, in_archive, report.listener());
  warn_of_not_finite(samples.not_finite, report.listener());
  const bool can_split = !samples.ids.empty() || recipe.splits().empty();
  if (!can_split)
    report.add((root / dataset_manifest_path).string(), ProblemKind::split,
               "has no samples, so no split was made");
  tell_old_splits(root, can_split ? write_splits(root, recipe, report) : MadeSplits(), report);
  put_problems(report.problems(), problems_in(root, "run"));
}

}  // namespace nicohort
