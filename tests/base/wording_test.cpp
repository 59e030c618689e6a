#include "base/wording.hpp"

#include <gtest/gtest.h>

namespace nicohort {
namespace {

TEST(Wording, numbers_with_their_nouns) {
  EXPECT_EQ(counted(0, "sample"), "0 samples");
  EXPECT_EQ(counted(1, "sample"), "1 sample");
  EXPECT_EQ(counted(12, "sample"), "12 samples");
}

TEST(Wording, of_many_names_the_first) {
  EXPECT_EQ(some_of({}), "");
  EXPECT_EQ(some_of({"a", "b", "c"}, 3), "a, b, c");
  EXPECT_EQ(some_of({"a", "b", "c", "d"}, 3), "a, b, c and 1 more");
}

}  // namespace
}  // namespace nicohort
