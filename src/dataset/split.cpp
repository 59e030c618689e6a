#include "dataset/split.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace nicohort {
namespace {

// 0.3 × 10 is a little below 3 in binary; three people are meant.
std::size_t share(std::size_t people, double ratio) {
  return static_cast<std::size_t>(std::floor(people * ratio + 1e-9));
}

// Shares of each stratum that add up to the share of all.
std::vector<std::size_t> apportion(const std::vector<std::size_t>& sizes, double ratio) {
  std::vector<std::size_t> shares;
  std::vector<long long> remainders;  // in billionths, so that equal ones compare equal
  for (std::size_t size : sizes) {
    shares.push_back(share(size, ratio));
    remainders.push_back(std::llround((size * ratio - shares.back()) * 1e9));
  }
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  std::size_t all = std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
  std::size_t given = std::accumulate(shares.begin(), shares.end(), std::size_t{0});
  for (std::size_t i = 0; i < order.size() && given < share(all, ratio); ++i)
    if (shares[order[i]] < sizes[order[i]]) ++shares[order[i]], ++given;
  return shares;
}

}  // namespace

LegacyShuffle::LegacyShuffle(std::uint32_t seed) : generator_(seed) {}

std::uint32_t LegacyShuffle::draw_up_to(std::uint32_t most) {
  if (most == 0) return 0;
  std::uint32_t mask = most;
  for (int shift : {1, 2, 4, 8, 16}) mask |= mask >> shift;
  std::uint32_t value;
  do value = static_cast<std::uint32_t>(generator_()) & mask;
  while (value > most);
  return value;
}

void LegacyShuffle::shuffle(std::span<std::size_t> items) {
  for (std::size_t i = items.size(); i-- > 1;)
    std::swap(items[i], items[draw_up_to(static_cast<std::uint32_t>(i))]);
}

std::vector<std::string> split_groups(const std::vector<std::size_t>& strata, SplitRatios ratios,
                                      std::uint32_t seed) {
  std::map<std::size_t, std::vector<std::size_t>> members;
  for (std::size_t group = 0; group < strata.size(); ++group)
    members[strata[group]].push_back(group);
  LegacyShuffle shuffle(seed);
  std::vector<std::size_t> sizes;
  for (auto& [stratum, groups] : members) {
    shuffle.shuffle(groups);
    sizes.push_back(groups.size());
  }
  auto test = apportion(sizes, ratios.test);
  auto rest = sizes;
  for (std::size_t i = 0; i < sizes.size(); ++i) rest[i] -= test[i];
  auto val = apportion(rest, ratios.val);
  std::vector<std::string> sides(strata.size());
  std::size_t i = 0;
  for (const auto& [stratum, groups] : members) {
    for (std::size_t k = 0; k < groups.size(); ++k)
      sides[groups[k]] = k < test[i] ? "test" : k < test[i] + val[i] ? "val" : "train";
    ++i;
  }
  return sides;
}

}  // namespace nicohort
