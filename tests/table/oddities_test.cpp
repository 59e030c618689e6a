#include "table/oddities.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

using namespace std::literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Spec4Oddities, OneValueInSeveralWays) {
  const Table table{{"pCR", "Sex"},
                    {{1.0, "Male"s}, {"1"s, "male"s}, {true, "Female"s}, {0.0, "Male "s}}};
  EXPECT_THAT(oddities(table, {"pCR", "Sex", "Age"}),
              ElementsAre("The column `Sex` has values that may mean the same but are written "
                          "differently: `Male ` (once), `Male` (once), `male` (once).",
                          "The column `pCR` has values that may mean the same but are written "
                          "differently: `1` (once), `1` as text (once), `TRUE` (once)."));
}

TEST(Spec4Oddities, NearlyTheNameOfAUsedColumn) {
  const Table table{{"Sex", "sex", "Age"}, {}};
  EXPECT_THAT(oddities(table, {"Sex"}),
              ElementsAre("There is a column `sex` beside the column `Sex` that is used; the names "
                          "differ only by upper and lower case."));
  EXPECT_THAT(oddities(table, {"Age"}), IsEmpty());
}

TEST(Spec4Oddities, DecimalCommasAndZerosBehindThePoint) {
  EXPECT_THAT(
      oddities({{"Age"}, {{"63,5"s}, {58.0}, {"60,0"s}, {Cell()}}}, {"Age"}),
      ElementsAre("The column `Age` has a decimal comma 2 times, such as `63,5`: these cells "
                  "are text, not numbers; write a decimal point."));
  EXPECT_THAT(oddities({{"Height"}, {{"159.0"s}, {159.0}}}, {"Height"}),
              ElementsAre("The column `Height` has values that may mean the same but are written "
                          "differently: `159.0` as text (once), `159` (once)."));
}

TEST(Spec4Oddities, WhatIsNotOdd) {
  const Table table{{"stage", "pid", "when"},
                    {{"T1-2"s, "01"s, DateTime{std::chrono::year(2024) / 2 / 29}},
                     {"T12"s, "1"s, ClockTime{}},
                     {"a, b"s, Cell(), Cell()}}};
  EXPECT_THAT(oddities(table, {"stage", "when"}), IsEmpty());
}

}  // namespace
}  // namespace nicohort
