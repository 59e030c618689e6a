#include "table/folded.hpp"

#include <gtest/gtest.h>

namespace nicohort {
namespace {

TEST(Folded, WhatIsProbablyOneIdentifierAndInWhatItDiffers) {
  struct Case {
    const char *one, *other, *difference;
  };
  for (const auto& [one, other, difference] : {
           Case{"0012", "12", "leading zeros"},
           Case{"P-0012", "P12", "leading zeros and dashes"},
           Case{"12 ", "12", "spaces"},
           Case{"12\xC2\xA0", "12", "spaces"},
           Case{" 0012", "12", "leading zeros and spaces"},
           Case{"TJ\xE2\x80\x93"
                "7",
                "TJ-7", "dashes"},
           Case{"'12", "12", "quotes"},
           Case{"12.0", "12", "a `.0`"},
           Case{"pid", "PID", "upper and lower case"},
           Case{"M\xC3\xBCl7", "Mu\xCC\x88l7", "Unicode form"},
           Case{"M\xC3\xBCl7", "Mul7", "accents"},
           Case{"\xEA\xB9\x80", "\xE1\x84\x80\xE1\x85\xB5\xE1\x86\xB7", "Unicode form"},  // 김
           Case{"\xE3\x81\x8C", "\xE3\x81\x8B\xE3\x82\x99", "Unicode form"},              // が
           Case{"\xEF\xBC\xB0\xEF\xBC\xA9\xEF\xBC\xA4", "PID", "full-width characters"},
           Case{"\xEF\xBC\x91\xEF\xBC\x92", "12", "full-width characters"},
           Case{"\xEF\xBB\xBFPID", "PID", "invisible characters"},
       }) {
    EXPECT_EQ(small_difference(one, other), difference) << one << " | " << other;
    EXPECT_EQ(small_difference(other, one), difference) << other << " | " << one;
  }
}

TEST(Folded, WhatIsNotOneIdentifier) {
  for (const auto& [one, other] :
       {std::pair("12", "12"), std::pair("12", "120"), std::pair("100", "1"), std::pair("12", "13"),
        std::pair("0", ""), std::pair("1.50", "1.5"), std::pair("P1", "Q1")})
    EXPECT_EQ(small_difference(one, other), "") << one << " | " << other;
}

TEST(Folded, InValuesZerosAndDashesMean) {
  EXPECT_EQ(folded_value("Male "), folded_value("male"));
  EXPECT_NE(folded_value("T1-2"), folded_value("T12"));
  EXPECT_NE(folded_value("01"), folded_value("1"));
}

TEST(Folded, SpellingsOfAnIdentifierKeepItsZerosAndItsNumbersApart) {
  for (const auto& [one, other] :
       {std::pair("P-001", "p001"), std::pair("1-12", "1 - 12"), std::pair("P 1", "P1"),
        std::pair("M\xC3\xBCl7", "Mu\xCC\x88l7"), std::pair("\xEF\xBC\x91-2", "1 2")})
    EXPECT_EQ(folded_spelling(one), folded_spelling(other)) << one << " | " << other;
  for (const auto& [one, other] :
       {std::pair("P1", "P01"), std::pair("1-12", "11-2"), std::pair("1-12", "112"),
        std::pair("M\xC3\xBCl7", "Mul7"), std::pair("P1.0", "P1")})
    EXPECT_NE(folded_spelling(one), folded_spelling(other)) << one << " | " << other;
}

}  // namespace
}  // namespace nicohort
