#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "dataset/layout.hpp"
#include "run/cohort_run.hpp"
#include "run/gone_samples.hpp"
#include "run/recipe_preview.hpp"
#include "run/tables.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace {

// Of the dataset manifest; none if it cannot be read, which the run tells.
std::set<std::string> worksheets(const std::filesystem::path& manifest) {
  try {
    const auto names = sheet_names(manifest);
    return {names.begin(), names.end()};
  } catch (const UsageError&) {  // there is none yet
  } catch (const BadInput&) {
  }
  return {};
}

// The text of the recipe of the last run; empty where there is none.
std::string kept_recipe(const std::filesystem::path& dataset) {
  try {
    return read_file(OwnFolder(dataset).recipe(), std::size_t{64} << 20);
  } catch (const std::exception&) {
    return "";
  }
}

}  // namespace

Report CohortRun::dry_run() {
  Table manifest;
  std::set<std::string> expected;  // in the dataset afterwards
  std::size_t to_do = 0, unchanged = 0, not_makeable = 0;
  listing_ = list_images(names_, recipe_, option_);
  preview_patterns(listing_.images, recipe_, context_.listener);
  {
    Cache cache(dataset_);
    manifest = scan(cache, problems_, context_);
    cache.forget_headers();
    const auto samples = samples_of(manifest, archive_manifest_path, recipe_, problems_);
    const Plan planned = plan(samples, cache);
    const auto told = told_of_images(problems_);
    const bool is_same_recipe = kept_recipe(dataset_) == recipe_.text();
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const PlannedSample& sample = planned.samples[i];
      const std::string& id = samples[i].info.id;
      const auto record = sample.why.empty() ? std::nullopt : readable_record(dataset_, id);
      const bool is_unusable = sample.is_unusable && is_same_recipe;
      const bool is_makeable =
          samples[i].has_volume() && !is_unusable && !unusable_mask(names_, samples[i], record);
      if (is_unusable && record)
        for (const Problem& problem : record->all_problems())
          if (!told.contains(problem.subject) && !told.contains(id)) problems_.add(problem);
      if (is_makeable || (record && is_kept(*record, names_, recipe_, Lacking::volume)))
        expected.insert(id);
      if (!is_makeable) ++not_makeable;
      if (!is_makeable || sample.why.empty()) continue;
      ++to_do;
      context_.listener.summary(fmt::format("would process {}: {}", id, sample.why));
    }
    unchanged = samples.size() - to_do - not_makeable;
    for (const OtherSample& sample : planned.gone)
      context_.listener.summary(
          fmt::format("would remove {}: {}", sample.id, planned.why_gone(sample)));
    tell_left(dataset_, planned, told, problems_);
    require_right_archive(manifest, samples, planned);
  }
  preview_splits(manifest, expected, recipe_, worksheets(root_ / dataset_manifest_path), problems_);
  context_.listener.summary(
      fmt::format("Would process {}{}, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), others_text(unchanged, not_makeable)));
  return std::move(problems_);
}

}  // namespace nicohort
