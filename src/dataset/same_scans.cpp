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
    if (!channel.value_hash.empty())
      if (const auto [earlier, is_new] = first.emplace(channel.value_hash, channel.name); !is_new)
        texts.push_back(fmt::format("{} and {}", earlier->second, channel.name));
  return texts;
}

}  // namespace

std::vector<Problem> same_scans(const std::vector<FingerprintedSample>& samples) {
  std::map<std::string, std::set<std::string>> ids;
  for (const auto& [id, channels] : samples)
    for (const ChannelSummary& channel : channels)
      if (!channel.value_hash.empty()) ids[channel.value_hash].insert(id);
  std::vector<Problem> problems;
  for (const FingerprintedSample& sample : samples) {
    std::set<std::string> others;
    for (const ChannelSummary& channel : sample.channels)
      if (const auto& same = ids[channel.value_hash]; !channel.value_hash.empty())
        others.insert(same.begin(), same.end());
    others.erase(sample.id);
    if (!others.empty())
      problems.push_back(
          {sample.id, ProblemKind::duplicate_scan,
           fmt::format("has the same voxel values as {}, so data can leak between patients and "
                       "subsets; find out to whom the scan belongs and remove the others from the "
                       "archive",
                       fmt::join(others, ", "))});
    for (const std::string& channels : doubled(sample))
      problems.push_back({sample.id, ProblemKind::duplicate_scan,
                          fmt::format("has the same voxel values in the channels {}; find out "
                                      "which of them it is and replace the other in the archive",
                                      channels)});
  }
  return problems;
}

}  // namespace nicohort
