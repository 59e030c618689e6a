#include "base/problem.hpp"

#include <gtest/gtest.h>

namespace nicohort {
namespace {

TEST(Spec2ProblemKind, every_name_leads_back_to_its_kind) {
  for (int i = 0; i <= static_cast<int>(ProblemKind::other); ++i) {
    const auto kind = static_cast<ProblemKind>(i);
    EXPECT_FALSE(name_of(kind).empty());
    EXPECT_EQ(problem_kind_named(name_of(kind)), kind) << name_of(kind);
  }
}

TEST(Spec2ProblemKind, the_names_are_what_the_report_shows) {
  EXPECT_EQ(name_of(ProblemKind::unreadable_file), "unreadable file");
  EXPECT_EQ(name_of(ProblemKind::geometry), "geometry");
  EXPECT_EQ(name_of(ProblemKind::mask_value), "mask value");
  EXPECT_EQ(name_of(ProblemKind::unmapped_label), "unmapped label");
  EXPECT_EQ(name_of(ProblemKind::metadata), "metadata");
  EXPECT_EQ(name_of(ProblemKind::layout), "layout");
  EXPECT_EQ(name_of(ProblemKind::pseudonym), "pseudonym");
  EXPECT_EQ(name_of(ProblemKind::duplicate_scan), "duplicate scan");
  EXPECT_EQ(name_of(ProblemKind::incomplete), "incomplete");
  EXPECT_EQ(name_of(ProblemKind::changed_file), "changed file");
  EXPECT_EQ(name_of(ProblemKind::unfinished_work), "unfinished work");
  EXPECT_EQ(name_of(ProblemKind::table), "table");
  EXPECT_EQ(name_of(ProblemKind::split), "split");
  EXPECT_EQ(name_of(ProblemKind::other), "other");
}

TEST(Spec2ProblemKind, no_other_name_is_one) {
  for (const char* name : {"", "Geometry", "unreadable", "unreadable_file"})
    EXPECT_EQ(problem_kind_named(name), std::nullopt) << name;
}

TEST(Spec2ProblemKind, blaming_a_file_keeps_it) {
  try {
    blaming("a.nii", [] { throw BadInput(ProblemKind::geometry, "is askew"); });
    FAIL();
  } catch (const BadInput& bad) {
    EXPECT_EQ(problem_of(bad, "b.nii"), (Problem{"a.nii", ProblemKind::geometry, "is askew"}));
  }
}

TEST(Spec2ProblemKind, a_bad_input_that_blames_nobody_is_the_subjects) {
  EXPECT_EQ(problem_of(BadInput(ProblemKind::split, "is empty"), "split01"),
            (Problem{"split01", ProblemKind::split, "is empty"}));
}

}  // namespace
}  // namespace nicohort
