#include "run/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "archive/archive_sample.hpp"
#include "dataset/dataset.hpp"
#include "dataset/lease.hpp"
#include "dataset/shard.hpp"
#include "dataset/unfinished.hpp"
#include "run/tables.hpp"
#include "table/table_file.hpp"

namespace nicohort {
namespace fs = std::filesystem;
namespace {

// Of the samples that the archive has by its manifest, sorted; none where there is none.
std::vector<std::string> ids_of_archive(const fs::path& root) {
  const fs::path manifest = root / archive_manifest_path;
  std::error_code error;
  if (!fs::exists(manifest, error)) return {};
  const Recipe recipe = recipe_of_manifest(root / dataset_manifest_path, {});
  Report unsaid(nobody());
  return ids_of(samples_of(read_table(manifest), manifest.string(), recipe, unsaid));
}

// Of those with files, sorted.
std::vector<std::string> ids_beside(const fs::path& dataset,
                                    const std::vector<std::string>& recorded,
                                    const std::vector<std::string>& of_archive) {
  std::vector<std::string> ids;
  std::set_difference(recorded.begin(), recorded.end(), of_archive.begin(), of_archive.end(),
                      std::back_inserter(ids));
  std::erase_if(ids, [&](const std::string& id) {
    const auto record = readable_record(dataset, id);
    return !record || !record->is_written();
  });
  return ids;
}

}  // namespace

DatasetStatus status_of(const fs::path& root, int tasks, const Context& context) {
  const fs::path dataset = root / dataset_folder;
  DatasetStatus status;
  // In this order: who has come to his end has done his samples.
  std::vector<LeaseHolder> holders = living_holders(OwnFolder(dataset).leases());
  std::erase_if(holders, [](const LeaseHolder& holder) {  // readers
    return holder.shard.empty() && holder.mode == DatasetLock::Mode::together;
  });
  std::vector<Shard> shards;
  for (const LeaseHolder& holder : holders) {
    status.at_work.push_back(text_of(holder));
    if (!holder.shard.empty()) shards.push_back(parse_shard(holder.shard));
  }
  const bool is_one_alone = holders.size() > shards.size();
  const auto is_at_work = [&](const std::string& id) {
    return is_one_alone || std::any_of(shards.begin(), shards.end(),
                                       [&](const Shard& shard) { return shard.has(id); });
  };

  std::optional<Work> work = read_unfinished(dataset);
  if (work) status.command = work->command;
  const std::vector<std::string> recorded = record_ids(dataset);
  const bool is_of_archive = !work || (work->from_archive && !work->is_elsewhere);
  std::vector<std::string> ids = work ? work->all_ids() : ids_of_archive(root);
  if (is_of_archive && !ids.empty()) status.elsewhere = ids_beside(dataset, recorded, ids);
  if (!work) {
    const std::vector<std::string> of_archive = std::move(ids);
    ids.clear();
    std::set_union(recorded.begin(), recorded.end(), of_archive.begin(), of_archive.end(),
                   std::back_inserter(ids));
  }
  std::vector<SampleProgress> progress(ids.size());
  std::optional<WorkProgress> noted;
  if (work) noted.emplace(dataset, *work);
  Report none(nobody());
  for_each_item("records", ids, context, none, [&](std::size_t i, ProblemSink&) {
    if (noted) {
      progress[i] = noted->of(ids[i]);
      return;
    }
    const auto record = readable_record(dataset, ids[i]);
    progress[i] = !record                ? SampleProgress::left
                  : record->is_written() ? SampleProgress::done
                                         : SampleProgress::unusable;
  });
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const bool is_left = progress[i] == SampleProgress::left;
    (is_left ? is_at_work(ids[i]) ? status.running : status.missing
     : progress[i] == SampleProgress::unusable ? status.unusable
                                               : status.done)
        .push_back(ids[i]);
  }

  if (tasks == 0) return status;
  std::set<int> again;
  for (const std::string& id : status.missing) again.insert(Shard::of(id, tasks));
  status.tasks.assign(again.begin(), again.end());
  if (status.samples() > 0 || is_one_alone) return status;
  for (int task = 1; task <= tasks; ++task)
    if (std::none_of(shards.begin(), shards.end(), [&](const Shard& shard) {
          return shard.count == tasks && shard.index == task;
        }))
      status.tasks.push_back(task);
  return status;
}

std::string array_text(const std::vector<int>& numbers) {
  std::string text;
  for (std::size_t first = 0, last = 0; first < numbers.size(); first = last + 1) {
    for (last = first; last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1; ++last)
      ;
    text += fmt::format("{}{}", text.empty() ? "" : ",", numbers[first]);
    if (last > first) text += fmt::format("-{}", numbers[last]);
  }
  return text;
}

}  // namespace nicohort
