#include <fmt/format.h>

#include "base/listener.hpp"
#include "run/cohort_run.hpp"
#include "run/gone_samples.hpp"
#include "run/recipe_preview.hpp"
#include "run/tables.hpp"

namespace nicohort {

Report CohortRun::dry_run() {
  Table manifest;
  Plan planned;
  std::set<std::string> usable;
  std::size_t to_do = 0;
  listing_ = list_images(names_, recipe_, option_);
  preview_patterns(listing_.images, recipe_, context_.listener);
  {
    Cache cache(dataset_);
    manifest = scan(cache, problems_, context_);
    cache.forget_headers();
    const auto samples = samples_of(manifest, archive_manifest_path, recipe_, problems_);
    planned = plan(samples, cache);
    usable = ids_of_usable(samples);
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (!samples[i].has_volume() || planned.samples[i].why.empty()) continue;
      ++to_do;
      context_.listener.summary(
          fmt::format("would process {}: {}", samples[i].info.id, planned.samples[i].why));
    }
  }
  for (const OtherSample& sample : planned.gone)
    context_.listener.summary(
        fmt::format("would remove {}: {}", sample.id, planned.why_gone(sample)));
  tell_left(dataset_, planned, told_of_images(problems_), problems_);
  preview_splits(manifest, usable, recipe_, problems_);
  context_.listener.summary(
      fmt::format("Would process {}, {} unchanged, and write the manifests. Nothing was written.",
                  counted(to_do, "sample"), usable.size() - to_do));
  if (!options_.allow_removal) require_few_gone(planned, names_.root());
  return std::move(problems_);
}

}  // namespace nicohort
