// Random numbers that are the same on every machine, for any number of threads and in any order.
#pragma once

#include <cstdint>

namespace nicohort {

// A hash of 64 bits (finaliser of SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
inline std::uint64_t hash_bits(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

// A hash of a chain of keys: seed, patient, phase, ...
template <class... Keys>
std::uint64_t hash_keys(Keys... keys) {
  std::uint64_t hash = 0;
  ((hash = hash_bits(hash + 0x9e3779b97f4a7c15u + std::uint64_t(keys))), ...);
  return hash;
}

// Draws from one stream. The distributions of <random> differ between standard libraries. Never two
// draws among the arguments of one call: compilers differ in which comes first.
class Dice {
 public:
  explicit Dice(std::uint64_t key) : key_(key) {}

  std::uint64_t bits() { return hash_keys(key_, counter_++); }
  double uniform(double low, double high) {
    return low + (high - low) * (double(bits() >> 11) * 0x1p-53);
  }
  int integer(int low, int high) { return low + int(bits() % std::uint64_t(high - low + 1)); }
  bool chance(double probability) { return uniform(0, 1) < probability; }

 private:
  std::uint64_t key_, counter_ = 0;
};

}  // namespace nicohort
