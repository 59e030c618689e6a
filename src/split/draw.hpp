// Dealing patients to sides by a generator (SPEC 4, routine 05).
#pragma once

#include <cstdint>
#include <random>
#include <set>
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

struct SplitShares {
  double test = 0.4;  // of all
  double val = 0.2;   // of what test leaves
  int folds = 0;  // not 0: what test leaves is dealt to sides `0`, `1`, … in place of train, val
};

// The side of each of the groups, which come in the order that is shuffled.
// strata: a number for each group. All strata are shuffled first, in ascending order and with one
// generator; then each is cut, and the overall counts are kept by largest remainder. Of strata with
// the same remainder, where not all can get one more, the shuffled first ones do. Folds are dealt
// one by one, each stratum going on where the one before stopped.
// kept: the side that a group keeps, empty for one that is drawn (only these are shuffled), or
// nothing for all; those that are drawn bring the shares as near as they can.
std::vector<std::string> split_groups(const std::vector<std::size_t>& strata, SplitShares shares,
                                      std::uint32_t seed,
                                      const std::vector<std::string>& kept = {});

// Makes one stratum, which comes last, of those with fewer groups than this, if there are two or
// more of them. Returns their numbers.
std::set<std::size_t> pool_small(std::vector<std::size_t>& strata, std::size_t least);

}  // namespace nicohort
