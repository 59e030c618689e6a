#include "step/labels.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nicohort {
namespace {

TEST(Spec4Routine03LabelNames, file_names_and_columns) {
  EXPECT_EQ(label_text(1, "EsoROI"), "01_EsoROI");
  EXPECT_EQ(mask_column(0, "Bg"), "mask_00_Bg");
  EXPECT_EQ(mask_column(117, "rib"), "mask_117_rib");
}

const LabelNames some_names{{1, "liver"}, {2, "right_kidney"}, {3, "1"}, {12, "T12"}};

TEST(Spec5Labels, are_found_by_name) {
  EXPECT_EQ(find_label(some_names, "liver"), 1);
  EXPECT_EQ(find_label(some_names, "T12"), 12);
  EXPECT_EQ(find_label(some_names, "Liver"), std::nullopt);
  EXPECT_EQ(find_label(some_names, "live"), std::nullopt);
  EXPECT_EQ(find_label(some_names, ""), std::nullopt);
  EXPECT_EQ(find_label(some_names, "foreground"), std::nullopt);
}

TEST(Spec5Labels, names_are_cleaned_as_in_file_names) {
  EXPECT_EQ(find_label(some_names, "right kidney"), 2);
  EXPECT_EQ(find_label(some_names, "right/kidney"), 2);
  EXPECT_EQ(find_label(some_names, "right_kidney"), 2);
}

TEST(Spec5Labels, are_found_by_number_if_none_has_that_name) {
  EXPECT_EQ(find_label(some_names, "12"), 12);
  EXPECT_EQ(find_label(some_names, "2"), 2);
  EXPECT_EQ(find_label(some_names, "1"), 3) << "a name";
  EXPECT_EQ(find_label(some_names, "0"), 0) << "needs no name";
  for (const char* text : {"4", "256", "257", "268", "-1", "+2", "2.0", "2 ", "0x1"})
    EXPECT_EQ(find_label(some_names, text), std::nullopt) << text;
}

TEST(Spec5Labels, several_and_the_foreground) {
  const auto named = [](const std::vector<std::string>& names) {
    std::vector<int> labels;
    const auto are_named = labels_named(some_names, names);
    for (int label = 0; label < 256; ++label)
      if (are_named[label]) labels.push_back(label);
    return labels;
  };
  EXPECT_EQ(named({}), std::vector<int>{});
  EXPECT_EQ(named({"T12", "liver"}), (std::vector<int>{1, 12}));
  EXPECT_EQ(named({"0", "right kidney"}), (std::vector<int>{0, 2}));
  EXPECT_EQ(named({"foreground"}).size(), 255u) << "values without a name, too";
  EXPECT_EQ(named({"foreground"}).front(), 1);
  EXPECT_EQ(named({"liver", "foreground", "0"}).size(), 256u);
}

TEST(Spec5Labels, one_that_is_called_foreground_is_meant_by_that) {
  const auto named = labels_named({{1, "a"}, {7, "foreground"}}, {"foreground"});
  EXPECT_EQ(std::count(named.begin(), named.end(), true), 1);
  EXPECT_TRUE(named[7]);
}

}  // namespace
}  // namespace nicohort
