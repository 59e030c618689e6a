#include "dataset/same_scans.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <set>

namespace nicohort {
namespace {

// The channels of one sample that have the same values as an earlier one of it.
std::vector<std::string> doubled(const FingerprintedSample& sample) {
  std::vector<std::string> texts;
  std::map<std::string, std::string> first;  // channel, by fingerprint
  for (const ChannelSummary& channel : sample.channels)
    if (channel.shows_a_scan())
      if (const auto [earlier, is_new] = first.emplace(channel.value_hash, channel.name); !is_new)
        texts.push_back(fmt::format("{} and {}", earlier->second, channel.name));
  return texts;
}

// The samples that have one of these scans, sorted.
std::vector<std::string> samples_with(const std::set<std::string>& scans,
                                      const std::map<std::string, std::set<std::string>>& ids) {
  std::set<std::string> samples;
  for (const std::string& scan : scans) samples.insert(ids.at(scan).begin(), ids.at(scan).end());
  return {samples.begin(), samples.end()};
}

// `A, B, C and 4 more`, of those that are alike; the time does not depend on how many they are.
std::string others_than(const std::string& id, const std::vector<std::string>& alike) {
  constexpr std::size_t most = 10;
  std::vector<std::string> first;
  for (std::size_t i = 0; i < alike.size() && first.size() < most; ++i)
    if (alike[i] != id) first.push_back(alike[i]);
  const std::size_t more = alike.size() - 1 - first.size();
  return fmt::format("{}{}", fmt::join(first, ", "),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

}  // namespace

std::vector<Problem> same_scans(const std::vector<FingerprintedSample>& samples) {
  std::map<std::string, std::set<std::string>> ids;  // by fingerprint
  for (const auto& [id, channels] : samples)
    for (const ChannelSummary& channel : channels)
      if (channel.shows_a_scan()) ids[channel.value_hash].insert(id);
  std::erase_if(ids, [](const auto& of_scan) { return of_scan.second.size() < 2; });
  // Those that have one of these scans, by their fingerprints; found once, however many they are.
  std::map<std::set<std::string>, std::vector<std::string>> alike;
  std::vector<Problem> problems;
  for (const FingerprintedSample& sample : samples) {
    std::set<std::string> scans;
    for (const ChannelSummary& channel : sample.channels)
      if (channel.shows_a_scan() && ids.contains(channel.value_hash))
        scans.insert(channel.value_hash);
    if (!scans.empty()) {
      const auto [known, is_new] = alike.try_emplace(scans);
      if (is_new) known->second = samples_with(scans, ids);
      problems.push_back(
          {sample.id, ProblemKind::duplicate_scan,
           fmt::format("has the same voxel values as {}, so data can leak between patients and "
                       "subsets; find out to whom the scan belongs and remove the others from the "
                       "archive",
                       others_than(sample.id, known->second))});
    }
    for (const std::string& channels : doubled(sample))
      problems.push_back({sample.id, ProblemKind::duplicate_scan,
                          fmt::format("has the same voxel values in the channels {}; find out "
                                      "which of them it is and replace the other in the archive",
                                      channels)});
  }
  return problems;
}

}  // namespace nicohort
