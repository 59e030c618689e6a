#include "step/contrast.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace nicohort {
namespace {

TEST(Contrast, counts_what_is_not_finite_in_all_of_the_volume) {
  using Limits = std::numeric_limits<float>;
  const std::vector<float> values{Limits::quiet_NaN(),  0,  Limits::infinity(), Limits::max(),
                                  -Limits::infinity(),  -1, Limits::lowest(),   -0.0F,
                                  -Limits::quiet_NaN(), 1};
  Contrast contrast;
  for (int piece = 0; piece < 3; ++piece) contrast.feed(values);
  EXPECT_EQ(contrast.not_finite(), 12);
  EXPECT_EQ(contrast.flaw(), "");
}

}  // namespace
}  // namespace nicohort
