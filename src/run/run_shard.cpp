// The samples of one shard. The plain run after all of them finds these done, and writes the
// tables.
#include <fmt/format.h>

#include <algorithm>

#include "base/listener.hpp"
#include "base/wording.hpp"
#include "dataset/layout.hpp"
#include "dataset/unfinished.hpp"
#include "run/cohort_run.hpp"
#include "run/tables.hpp"

namespace nicohort {
namespace {

// What was made with other options is made again, but by no shard that has come to its end.
void warn_of_other_work(const std::filesystem::path& dataset, const Work& work,
                        Listener& listener) {
  const std::optional<Work> before = read_unfinished(dataset);
  if (before && before->is_same(work)) return;
  const auto count = std::count_if(work.ids.begin(), work.ids.end(), [&](const std::string& id) {
    const auto record = readable_record(dataset, id);
    return record && !is_done(work, *record);
  });
  if (count > 0)
    listener.warning(fmt::format(
        "{}: {} made with other options or another recipe and will be made again; run all shards "
        "with the options and the recipe of this one",
        dataset.string(), counted(count, "sample") + (count == 1 ? " was" : " were")));
}

}  // namespace

Report CohortRun::shard(const Shard& shard) {
  listing_ = list_images(names_, recipe_, option_);
  Transaction dataset(dataset_, work({}), shard, context_.listener);
  require_same_naming(dataset_, naming_);  // which another shard may have written meanwhile
  Cache cache(dataset_);
  dataset.use(cache);
  ProgressAlone progress(context_.listener);
  Report scanned(progress);
  const Table manifest = scan(cache, scanned, {context_.jobs, progress});
  auto samples = samples_of(manifest, archive_manifest_path, recipe_, scanned);
  // A disk may be missing on this machine alone.
  require_right_archive(manifest, samples, others(samples, cache));
  if (!dataset.has_joined()) {
    require_tables(root_, recipe_, context_.listener);
    cache.save_news();  // the others read no header again
    const Work all = work(samples);
    warn_of_other_work(dataset_, all, context_.listener);
    dataset.begin(all);
    put_naming(dataset, dataset_, recipe_, naming_);
    dataset.share();
  }
  // Each problem of the archive is told by one of the shards.
  for (const Problem& problem : scanned.problems()) {
    const auto key = recipe_.parse_image_path(problem.subject);
    if (shard.has(key ? recipe_.sample_id(key->parts) : problem.subject)) problems_.add(problem);
  }
  std::erase_if(samples, [&](const auto& sample) { return !shard.has(sample.info.id); });

  const Making made = making();
  const PlanInput input{dataset_, made, samples, listing_.is_complete, false, ruled_out_};
  const auto look = [&](const ArchiveSample& sample) { return look_at(input, sample, cache); };
  Plan plan;
  for (const ArchiveSample& sample : samples) plan.samples.push_back(look(sample).plan);
  make_samples({dataset_, root_ / report_folder, made, samples, plan, told_of_images(scanned),
                doubts_, look},
               dataset, cache, context_, problems_);
  dataset.finish();
  cache.save_news();
  context_.listener.summary(fmt::format(
      "Shard {} is done. When all shards are, nicohort run writes the tables.", shard.text()));
  return std::move(problems_);
}

}  // namespace nicohort
