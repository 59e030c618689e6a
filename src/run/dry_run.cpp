#include <fmt/format.h>

#include <algorithm>

#include "base/atomic_file.hpp"
#include "base/listener.hpp"
#include "base/wording.hpp"
#include "dataset/layout.hpp"
#include "dataset/manifest.hpp"
#include "dataset/outcome.hpp"
#include "image/image_file.hpp"
#include "run/cohort_run.hpp"
#include "run/gone_samples.hpp"
#include "run/recipe_preview.hpp"
#include "run/tables.hpp"
#include "step/confirm.hpp"
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

// The IDs of samples with images of different sizes, by the archive manifest, where the rows of a
// sample stand together.
std::set<std::string> ids_of_different_sizes(const Table& manifest, const Recipe& recipe) {
  std::vector<std::string> needed = names_of(recipe.parts());
  const std::size_t parts = needed.size();
  needed.insert(needed.end(), {"szx", "szy", "szz"});
  const auto places = require_columns(manifest, needed, archive_manifest_path);
  const auto is_same = [&](const auto& one, const auto& other, std::size_t begin, std::size_t end) {
    return std::all_of(places.begin() + begin, places.begin() + end, [&](std::size_t place) {
      return to_text(one[place]) == to_text(other[place]);
    });
  };
  std::set<std::string> ids;
  for (std::size_t r = 1; r < manifest.rows.size(); ++r) {
    const auto &one = manifest.rows[r - 1], &other = manifest.rows[r];
    if (is_same(one, other, parts, places.size()) || !is_same(one, other, 0, parts)) continue;
    PartValues values;
    for (std::size_t i = 0; i < parts; ++i) values.push_back(to_text(other[places[i]]));
    ids.insert(recipe.sample_id(values));
  }
  return ids;
}

}  // namespace

// What keeps the images of a sample from being used together, by their headers alone.
std::optional<Problem> CohortRun::misfit_in(const ArchiveSample& sample) const {
  const auto geometry_of = [&](const std::string& image, std::int64_t channels) {
    return names_.open(image, [&](const std::filesystem::path& file) {
      return read_header(file, false, channels).geometry;
    });
  };
  const std::int64_t channels = recipe_.channels().in_file();
  try {
    const Geometry volume = geometry_of(sample.volumes.front(), channels);
    const auto confirm = [&](const std::string& image, std::int64_t count, Compared what) {
      blaming(image, [&] {
        const Geometry geometry = geometry_of(image, count);
        const auto turn = turn_onto(volume, geometry);
        confirm_geometry(volume, turn ? turned(geometry, *turn) : geometry, what);
      });
    };
    for (const InputFile& mask : sample.masks) confirm(mask.path, 1, Compared::mask);
    for (std::size_t i = 1; i < sample.volumes.size(); ++i)
      confirm(sample.volumes[i], channels, Compared::channel);
  } catch (const BadInput& bad) {
    return problem_of(bad, sample.info.id);
  }
  return {};
}

Report CohortRun::dry_run() {
  Table manifest;
  std::set<std::string> expected;  // in the dataset afterwards
  std::size_t to_do = 0, unchanged = 0, not_makeable = 0, left = 0;
  listing_ = list_images(names_, recipe_, option_);
  preview_patterns(listing_.images, names_, recipe_, context_.listener);
  {
    Cache cache(dataset_);
    manifest = scan(cache, problems_, context_);
    cache.forget_headers();
    const auto samples = samples_of(manifest, archive_manifest_path, recipe_, problems_);
    const Plan planned = plan(samples, cache);
    const auto told = told_of_images(problems_);
    const bool is_same_recipe = kept_recipe(dataset_) == recipe_.text();
    const auto of_different_sizes = ids_of_different_sizes(manifest, recipe_);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const PlannedSample& sample = planned.samples[i];
      const std::string& id = samples[i].info.id;
      const auto record = sample.why.empty() ? std::nullopt : readable_record(dataset_, id);
      const bool is_unusable = sample.is_unusable && is_same_recipe;
      const auto misfit = samples[i].has_volume() && !is_unusable && of_different_sizes.contains(id)
                              ? misfit_in(samples[i])
                              : std::nullopt;
      const bool is_makeable = samples[i].has_volume() && !is_unusable && !misfit &&
                               !unusable_mask(names_, recipe_, samples[i], record);
      const bool is_kept_here = record && is_kept(*record, names_, recipe_, Lacking::volume);
      if (is_unusable && record)
        for (const Problem& problem : record->all_problems())
          if (!told.contains(problem.subject) && !told.contains(id)) problems_.add(problem);
      if (misfit)
        problems_.add(misfit->subject, misfit->kind, misfit->what + outcome_text(is_kept_here));
      if (is_makeable || is_kept_here) expected.insert(id);
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
    left = planned.left.size() + planned.elsewhere.size();
    require_right_archive(manifest, samples, planned);
  }
  require_tables(root_, recipe_, context_.listener);
  preview_splits(manifest, expected, recipe_, worksheets(root_ / dataset_manifest_path), problems_);
  if (left > 0 && !recipe_.splits().empty())
    context_.listener.summary(fmt::format(
        "The dataset keeps {} that cannot be made from this archive; splits would have {}, too.",
        counted(left, "sample"), left == 1 ? "it" : "them"));
  context_.listener.summary(
      fmt::format("Would process {}{}, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), others_text(unchanged, not_makeable)));
  return std::move(problems_);
}

}  // namespace nicohort
