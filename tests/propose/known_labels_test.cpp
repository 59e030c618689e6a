#include "propose/known_labels.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nicohort {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(KnownLabels, TotalSegmentatorsNamesHaveItsNumbers) {
  bool is_known = false;
  EXPECT_THAT(number_labels({"liver", "spleen", "costal_cartilages", "heart", "vertebrae_L5",
                             "vertebrae_C1", "rib_right_12", "hip_right", "brain", "spinal_cord"},
                            is_known),
              ElementsAre(Pair(1, "spleen"), Pair(5, "liver"), Pair(27, "vertebrae_L5"),
                          Pair(50, "vertebrae_C1"), Pair(51, "heart"), Pair(78, "hip_right"),
                          Pair(79, "spinal_cord"), Pair(90, "brain"), Pair(115, "rib_right_12"),
                          Pair(117, "costal_cartilages")));
  EXPECT_TRUE(is_known);
}

TEST(KnownLabels, OtherNamesAreNumberedInTheirOrder) {
  bool is_known = true;
  EXPECT_THAT(number_labels({"spleen", "liver", "face"}, is_known),
              ElementsAre(Pair(1, "face"), Pair(2, "liver"), Pair(3, "spleen")));
  EXPECT_FALSE(is_known);
}

}  // namespace
}  // namespace nicohort
