#include "base/near_miss.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

TEST(NearMiss, is_one_or_two_slips_away) {
  const std::vector<std::string> names{"volume", "mask", "metadata", "id"};
  for (const char* text : {"volume", "Volume", "volum", "vloume", "vollumes", "volme"})
    EXPECT_EQ(near_miss(text, names), "volume") << text;
  EXPECT_EQ(near_miss("masks", names), "mask");
  EXPECT_EQ(near_miss("di", names), "id");
  for (const char* text : {"", "x", "image", "voluminous", "sites"})
    EXPECT_EQ(near_miss(text, names), "") << text;
  EXPECT_EQ(near_miss(std::string(100000, 'v'), names), "");
}

TEST(NearMiss, the_nearest_counts) {
  EXPECT_EQ(near_miss("site", {"sites2", "sites", "size"}), "sites");
}

TEST(NearMiss, in_words) {
  EXPECT_EQ(did_you_mean("sit", {"site", "pid"}), "did you mean `site`?");
  EXPECT_EQ(did_you_mean("phase", {"site", "pid"}), "it can be site, pid");
}

}  // namespace
}  // namespace nicohort
