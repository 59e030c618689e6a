// Dividing patients into train, val and test (SPEC 4, routine 05).
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace nicohort {

// Fisher-Yates as numpy.random.RandomState(seed).shuffle does it: MT19937 (Matsumoto and Nishimura
// 1998), j drawn from 0..i by masking and rejection, i from the last to the second.
class LegacyShuffle {
 public:
  explicit LegacyShuffle(std::uint32_t seed);
  void shuffle(std::span<std::size_t> items);

 private:
  std::uint32_t draw_up_to(std::uint32_t most);
  std::mt19937 generator_;
};

struct SplitRatios {
  double test = 0.4;  // of all
  double val = 0.2;   // of what test leaves
};

// `test`, `val` or `train` for each of the groups, which come in the order that is shuffled.
// strata: a number for each group; the cut is made within each stratum, in ascending order, with
// one generator, the overall counts kept by largest remainder (the lower stratum on a tie). All
// equal: one plain cut.
std::vector<std::string> split_groups(const std::vector<std::size_t>& strata, SplitRatios ratios,
                                      std::uint32_t seed);

}  // namespace nicohort
