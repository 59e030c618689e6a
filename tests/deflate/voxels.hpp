// Voxels of every manner, from a seed.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace nicohort::testing {

enum class Manner { one_value, two_values, all_values, ramp, narrow, wide, runs, repeated };
const std::vector<Manner> all_manners = {Manner::one_value, Manner::two_values, Manner::all_values,
                                         Manner::ramp,      Manner::narrow,     Manner::wide,
                                         Manner::runs,      Manner::repeated};

// period: of what is repeated
inline std::vector<float> voxels(Manner manner, std::size_t count, std::uint32_t seed,
                                 std::size_t period = 8192) {
  std::mt19937 random(seed);
  const auto any = [&] { return float(std::int16_t(random())); };
  const float one = any(), other = any();
  std::vector<float> made(count);
  float value = one;
  for (std::size_t i = 0; i < count; ++i) switch (manner) {
      case Manner::one_value:
        made[i] = one;
        break;
      case Manner::two_values:
        made[i] = random() % 2 ? one : other;
        break;
      case Manner::all_values:
        made[i] = any();
        break;
      case Manner::ramp:
        made[i] = float(std::int16_t(i + seed));
        break;
      case Manner::narrow:
        made[i] = float(int(random() % 40) - 20);
        break;
      case Manner::wide:
        made[i] = float(int(random() % 3000) - 1000);
        break;
      case Manner::runs:
        if (random() % 50 == 0) value = any();
        made[i] = value;
        break;
      case Manner::repeated:
        made[i] = i < period ? float(std::int16_t(i * 31)) : made[i - period];
        break;
    }
  return made;
}

// What is no whole number of int16.
const std::vector<float> odd_values = {-0.0F,
                                       0.5F,
                                       32768.0F,
                                       -32769.0F,
                                       1e30F,
                                       2147483648.0F,
                                       -2147483648.0F,
                                       1e-40F,
                                       std::numeric_limits<float>::quiet_NaN(),
                                       std::numeric_limits<float>::infinity(),
                                       -std::numeric_limits<float>::infinity()};

inline std::string text_of(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), 4 * values.size()};
}

}  // namespace nicohort::testing
