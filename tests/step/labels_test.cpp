#include "step/labels.hpp"

#include <gtest/gtest.h>

namespace nicohort {
namespace {

TEST(Spec4Routine03LabelNames, file_names_and_columns) {
  EXPECT_EQ(label_text(1, "EsoROI"), "01_EsoROI");
  EXPECT_EQ(mask_column(0, "Bg"), "mask_00_Bg");
  EXPECT_EQ(mask_column(117, "rib"), "mask_117_rib");
}

}  // namespace
}  // namespace nicohort
