#include "dataset/dataset_problems.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "base/listener.hpp"
#include "dataset/unfinished.hpp"

namespace nicohort {
namespace fs = std::filesystem;

std::vector<Problem> unfinished_work(const fs::path& dataset) {
  const auto work = read_unfinished(dataset);
  if (!work) return {};
  const std::vector<std::string> ids = samples_owed(dataset, *work);
  if (ids.empty()) return {};
  return {{work->command, ProblemKind::unfinished_work,
           fmt::format("was stopped, or is still at work, with {} to do, {} for example: start it "
                       "again with the same options",
                       counted(ids.size(), "sample"), ids.front())}};
}

std::vector<Problem> lost_samples(const std::vector<SampleRecord>& records,
                                  const std::set<std::string>& found) {
  std::vector<Problem> problems;
  for (const SampleRecord& record : records)
    if (record.is_written() && !found.contains(record.id))
      problems.push_back(
          {record.id, ProblemKind::incomplete,
           fmt::format("has a record and no files: bring its folder back, or, if it was "
                       "taken out on purpose, remove .nicohort/{}.json and write the "
                       "manifest again",
                       record.id)});
  return problems;
}

std::string told_of_steps(const std::vector<SampleRecord>& records) {
  // The samples of each list of steps, by its text.
  std::map<std::string, std::vector<std::string>> lists;
  for (const SampleRecord& record : records) {
    if (!record.is_written() || !record.mask) continue;
    std::string steps;
    for (const StepRecord& step : record.steps)
      steps += fmt::format("{} {} {}\n", step.work.name, step.work.version, step.work.parameters);
    lists[steps].push_back(record.id);
  }
  if (lists.size() < 2) return "";
  std::vector<const std::vector<std::string>*> groups;
  for (const auto& [steps, ids] : lists) groups.push_back(&ids);
  std::stable_sort(groups.begin(), groups.end(),
                   [](const auto* a, const auto* b) { return a->size() > b->size(); });
  constexpr std::size_t most_groups = 4;
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < std::min(groups.size(), most_groups); ++i)
    parts.push_back(fmt::format("{} ({}{})", counted(groups[i]->size(), "sample"),
                                groups[i]->front(), groups[i]->size() > 1 ? ", …" : ""));
  return fmt::format(
      "The samples were not all made by the same steps: {}{}. Run the same commands, or nicohort "
      "run, on all of them.",
      fmt::join(parts, ", "), groups.size() > most_groups ? ", and others" : "");
}

}  // namespace nicohort
