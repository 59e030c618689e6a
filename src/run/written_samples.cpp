#include "run/written_samples.hpp"

#include <algorithm>
#include <optional>

#include "dataset/info.hpp"
#include "dataset/record.hpp"

namespace nicohort {
namespace {

bool has_not_finite(const VolumeSummary& volume) {
  return std::any_of(volume.channels.begin(), volume.channels.end(),
                     [](const ChannelSummary& channel) { return channel.not_finite > 0; });
}

}  // namespace

WrittenSamples read_written_samples(const std::filesystem::path& dataset, const Recipe& recipe,
                                    const std::vector<std::string>& ids, Report& report) {
  const InfoKeys keys = info_keys(recipe);
  const std::vector<RegionTable> tables = region_tables(all_steps(recipe.steps()));
  WrittenSamples written;
  written.regions.resize(tables.size());
  written.steps.resize(recipe.steps().size());
  for (const std::string& id : ids) {
    const auto record = readable_record(dataset, id);
    if (!record || !record->is_written()) continue;
    try {
      written.manifest.add(describe(*record, read_info(dataset, record->sample_files(), keys)));
    } catch (const BadInput& bad) {
      report.add(problem_of(bad, id));
      continue;
    }
    written.ids.push_back(id);
    if (record->volume) {
      written.volumes.push_back({id, record->volume->channels});
      if (has_not_finite(*record->volume)) written.not_finite.push_back(id);
    }
    for (std::size_t i = 0; i < std::min(written.steps.size(), record->steps.size()); ++i)
      ++(record->steps[i].work.is_spared ? written.steps[i].spared : written.steps[i].done);
    for (std::size_t i = 0; i < tables.size(); ++i)
      if (auto regions = regions_of(*record, tables[i].step))
        written.regions[i].push_back(std::move(*regions));
  }
  return written;
}

}  // namespace nicohort
