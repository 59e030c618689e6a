#include "propose/file_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <re2/re2.h>

namespace nicohort {
namespace {

using testing::ElementsAre;

TEST(FileNames, WordsEndWhereTheKindOfCharacterChanges) {
  EXPECT_THAT(words_of("imagesTr/AB_0012"), ElementsAre("images", "tr", "ab", "0012"));
  EXPECT_THAT(words_of("patient001"), ElementsAre("patient", "001"));
  EXPECT_THAT(words_of(""), ElementsAre());
}

TEST(FileNames, AnExpressionIsAsNarrowAsTheTextsAllow) {
  EXPECT_EQ(expression_for({"case_00001", "case_00210"}), "case_[0-9]{5}");
  EXPECT_EQ(expression_for({"spleen_2", "spleen_10"}), "spleen_[0-9]+");
  EXPECT_EQ(expression_for({"gl003", "verse401"}), "[a-z0-9]+");
  EXPECT_EQ(expression_for({"AB12", "X-3"}), "[A-Z0-9\\-]+");
  EXPECT_EQ(expression_for({"J\xC3\xBCrgen", "Ann"}), "[^/]+");
  EXPECT_EQ(expression_for({"a.1", "a.2"}), "a\\.[0-9]+");
}

TEST(FileNames, AnExpressionMatchesItsTextsWhateverIsInThem) {
  const std::vector<std::string> texts{"a[1]", "b{2}", "c^-\\3", "d]e", "f g$h", "i'j\"k", "l\tm"};
  for (const auto& some :
       {texts, {texts[0]}, {texts[1]}, {texts[2], texts[3]}, {texts[4]}, {texts[6]}}) {
    const std::string expression = expression_for(some);
    for (const std::string& text : some)
      EXPECT_TRUE(re2::RE2::FullMatch(text, expression)) << expression << " " << text;
  }
}

TEST(FileNames, CommonEndsAreWholeWords) {
  EXPECT_EQ(common_prefix({"imagesTr", "imagesTs"}), "images");
  EXPECT_EQ(common_prefix({"case_0001", "case_0002"}), "case_");
  EXPECT_EQ(common_prefix({"s0001", "s0002"}), "s");
  EXPECT_EQ(common_prefix({"a", "a"}), "");
  EXPECT_EQ(common_suffix({"pre-therapy", "post-therapy"}), "-therapy");
  EXPECT_EQ(common_suffix({"x_seg", "x_aseg"}), "");
  EXPECT_EQ(common_prefix({"", "ab"}), "");
}

TEST(FileNames, LiteralsHaveNoMarksOfPatterns) {
  EXPECT_EQ(pattern_literal("plain_1"), "plain_1");
  EXPECT_EQ(pattern_literal("a[b]{c}d"), "a{any}d");
}

TEST(FileNames, ImageEndingsOfAnyCase) {
  EXPECT_EQ(without_image_ending("a/b.nii.gz"), "a/b");
  EXPECT_EQ(without_image_ending("a/b.NII"), "a/b");
  EXPECT_EQ(without_image_ending("a.b"), "a.b");
}

}  // namespace
}  // namespace nicohort
