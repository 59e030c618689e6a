#include "propose/path_pieces.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace nicohort {
namespace {

using testing::ElementsAre;

// `images/<12>_{pre}`: <identifier>, {variable}, for the first path.
std::string shown(const CutPaths& cut) {
  std::string text;
  for (const PathPiece& piece : cut.pieces) {
    const std::string& first = piece.texts.front();
    if (piece.kind == PathPiece::Kind::pid)
      text += "<" + first + ">";
    else if (piece.kind == PathPiece::Kind::varying)
      text += "{" + piece.optional_sign + first + "}";
    else
      text += first;
  }
  return text;
}

TEST(PathPieces, AFolderForEachPatient) {
  EXPECT_EQ(shown(cut_paths({"case_01/ct.nii.gz", "case_02/ct.nii.gz"}, {})), "case_<01>/ct");
}

TEST(PathPieces, AnIdentifierThatIsRepeatedInTheName) {
  EXPECT_EQ(
      shown(cut_paths(
          {"A/P01/P01_t1.nii", "A/P01/P01_t2.nii", "B/P02/P02_t1.nii", "B/P02/P02_t2.nii"}, {})),
      "{A}/P<01>/P<01>_t{1}");
}

TEST(PathPieces, TheNumberBeforeAnIdentifierBelongsToIt) {
  EXPECT_EQ(shown(cut_paths({"x-01-0003.nii", "x-02-0004.nii", "x-01-0005.nii"}, {})),
            "x-<01-0003>");
}

TEST(PathPieces, WhatSomeNamesLeaveOutIsOptional) {
  const CutPaths cut = cut_paths(
      {"sub-01/sub-01_dir-ax_ct.nii", "sub-02/sub-02_ct.nii", "sub-03/sub-03_split-1_ct.nii"}, {});
  EXPECT_EQ(shown(cut), "sub-<01>/sub-<01>{_dir-ax}_ct");
}

TEST(PathPieces, KnownIdentifiersAreFoundWhereTheyAre) {
  EXPECT_EQ(shown(cut_paths({"masks/9/seg_A1.nii", "masks/8/seg_A2.nii"}, {"A1", "A2", "B1"})),
            "masks/{9}/seg_<A1>");
}

TEST(PathPieces, NoKnownIdentifierIsThere) {
  EXPECT_EQ(shown(cut_paths({"a_01_x.nii", "a_02_x.nii"}, {"77"})), "a_<01>_x");
}

TEST(PathPieces, OnlyPathsOfTheMostFrequentDepthAreCut) {
  EXPECT_THAT(cut_paths({"1.nii", "a/b/3.nii", "2.nii"}, {}).paths, ElementsAre("1.nii", "2.nii"));
}

TEST(PathPieces, ADateTellsNoPatientsApart) {
  EXPECT_EQ(shown(cut_paths({"K-7/2019-03-04/ct.nii", "K-7/2019-04-11/ct.nii",
                             "K-9/2019-05-02/ct.nii", "K-9/2020-01-02/ct.nii"},
                            {})),
            "K-<7>/{2019-03-04}/ct");
  EXPECT_EQ(shown(cut_paths({"20190304_12.nii", "20190411_12.nii", "20190502_14.nii"}, {})),
            "{20190304}_<12>");
}

TEST(PathPieces, ANumberOfDicomIsOnePiece) {
  EXPECT_EQ(shown(cut_paths({"P1/1.2.840.5.6.7.nii", "P2/1.2.840.5.77.8.nii"}, {})),
            "P<1>/{1.2.840.5.6.7}");
}

TEST(PathPieces, NamesOfOtherSeparatorsAreAlikeAtTheirEnds) {
  EXPECT_EQ(shown(cut_paths({"S1_T2_AX_20200101103015_4.nii", "S1_DWI_20200101104015_7.nii",
                             "S2_T2_AX_20200202103015_5.nii", "S2_DWI_20200202104015_9.nii"},
                            {})),
            "S<1>_{T2_AX}_{20200101103015}_{4}");
}

TEST(PathPieces, OnePathAlone) {
  EXPECT_EQ(shown(cut_paths({"x.nii"}, {})), "<x>");
  EXPECT_EQ(shown(cut_paths({"anna/ct.nii"}, {})), "<anna>/ct");
  EXPECT_EQ(shown(cut_paths({"P7/ct.nii"}, {})), "P<7>/ct");
}

}  // namespace
}  // namespace nicohort
