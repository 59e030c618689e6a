#include "split/draw.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <tuple>

namespace nicohort {
namespace {

// 0.3 × 10 is a little below 3 in binary; three people are meant.
std::size_t share(std::size_t people, double ratio) {
  return static_cast<std::size_t>(std::floor(people * ratio + 1e-9));
}

// In billionths, so that equal ones compare equal.
long long billionths(double number) {
  return std::llround(number * 1e9);
}

struct Stratum {
  std::vector<std::size_t> drawn;            // shuffled
  std::map<std::string, std::size_t> sides;  // how many have each side already
  std::size_t next = 0;                      // of those drawn

  std::size_t size() const {
    return std::accumulate(sides.begin(), sides.end(), drawn.size() - next,
                           [](std::size_t sum, const auto& side) { return sum + side.second; });
  }
  std::size_t left() const { return drawn.size() - next; }
};

class Dealer {
 public:
  Dealer(const std::vector<std::size_t>& numbers, std::uint32_t seed,
         const std::vector<std::string>& kept)
      : shuffle_(seed), sides_(kept.empty() ? std::vector<std::string>(numbers.size()) : kept) {
    std::map<std::size_t, Stratum> strata;
    for (std::size_t group = 0; group < numbers.size(); ++group) {
      Stratum& stratum = strata[numbers[group]];
      if (sides_[group].empty())
        stratum.drawn.push_back(group);
      else
        ++stratum.sides[sides_[group]];
    }
    for (auto& [number, stratum] : strata) {
      shuffle_.shuffle(stratum.drawn);
      strata_.push_back(std::move(stratum));
    }
  }

  // Gives this share of those who are not on one of the sides that were cut before.
  void cut(const std::string& side, double ratio) {
    std::vector<long long> owed;
    std::size_t all = 0, given = 0, left = 0;
    for (Stratum& stratum : strata_) {
      std::size_t size = stratum.size();
      for (const std::string& before : cut_) size -= stratum.sides[before];
      owed.push_back(billionths(size * ratio - double(stratum.sides[side])));
      all += size;
      given += stratum.sides[side];
      left += stratum.left();
    }
    const std::size_t whole = share(all, ratio);
    std::size_t seats = std::min(left, whole - std::min(whole, given));
    while (seats > 0) seats -= seat_most_owed(side, owed, seats);
    cut_.push_back(side);
  }

  void deal(int folds) {
    std::map<int, std::size_t> sizes;
    for (int fold = 0; fold < folds; ++fold)
      for (Stratum& stratum : strata_) sizes[fold] += stratum.sides[std::to_string(fold)];
    int next = 0;
    for (Stratum& stratum : strata_)
      while (stratum.left() > 0) {
        // Where nobody keeps a side this is just the next one.
        auto order = [&](int fold) {
          return std::tuple(sizes[fold], stratum.sides[std::to_string(fold)],
                            (fold - next + folds) % folds);
        };
        int best = 0;
        for (int fold = 1; fold < folds; ++fold)
          if (order(fold) < order(best)) best = fold;
        ++sizes[best];
        give(stratum, std::to_string(best));
        next = (best + 1) % folds;
      }
  }

  void give_rest(const std::string& side) {
    for (Stratum& stratum : strata_)
      while (stratum.left() > 0) give(stratum, side);
  }

  std::vector<std::string> sides() const { return sides_; }

 private:
  // One more for each of the strata that are owed most; if there are more of them than seats, for
  // the first after a shuffle. Returns how many got one.
  std::size_t seat_most_owed(const std::string& side, std::vector<long long>& owed,
                             std::size_t seats) {
    std::vector<std::size_t> most;
    for (std::size_t i = 0; i < strata_.size(); ++i) {
      if (strata_[i].left() == 0) continue;
      if (!most.empty() && owed[i] > owed[most.front()]) most.clear();
      if (most.empty() || owed[i] == owed[most.front()]) most.push_back(i);
    }
    if (most.size() > seats) {
      shuffle_.shuffle(most);
      most.resize(seats);
    }
    for (std::size_t i : most) {
      give(strata_[i], side);
      owed[i] -= 1'000'000'000;
    }
    return most.size();
  }

  void give(Stratum& stratum, const std::string& side) {
    sides_[stratum.drawn[stratum.next++]] = side;
    ++stratum.sides[side];
  }

  LegacyShuffle shuffle_;
  std::vector<std::string> sides_, cut_;
  std::vector<Stratum> strata_;
};

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

std::vector<std::string> split_groups(const std::vector<std::size_t>& strata, SplitShares shares,
                                      std::uint32_t seed, const std::vector<std::string>& kept) {
  Dealer dealer(strata, seed, kept);
  dealer.cut("test", shares.test);
  if (shares.folds > 0) {
    dealer.deal(shares.folds);
  } else {
    dealer.cut("val", shares.val);
    dealer.give_rest("train");
  }
  return dealer.sides();
}

std::set<std::size_t> pool_small(std::vector<std::size_t>& strata, std::size_t least) {
  std::map<std::size_t, std::size_t> sizes;
  for (std::size_t stratum : strata) ++sizes[stratum];
  std::set<std::size_t> small;
  for (const auto& [stratum, size] : sizes)
    if (size < least) small.insert(stratum);
  if (small.size() < 2) return {};
  const std::size_t last = sizes.rbegin()->first + 1;
  for (std::size_t& stratum : strata)
    if (small.contains(stratum)) stratum = last;
  return small;
}

}  // namespace nicohort
