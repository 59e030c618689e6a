#include "table/problem_file.hpp"

#include <gmock/gmock.h>

#include "base/atomic_file.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Problem> problems_in_text(const std::string& text) {
  const testing::TemporaryFolder folder;
  write_file(folder / "x.problems.csv", text);
  return read_problem_file(folder / "x.problems.csv");
}

TEST(Spec2ProblemFile, what_is_written_is_read) {
  const testing::TemporaryFolder folder;
  std::vector<Problem> problems;
  for (int i = 0; i <= static_cast<int>(ProblemKind::other); ++i)
    problems.push_back({"0012, \"a\".nii", static_cast<ProblemKind>(i), "=is; bad, 影像"});
  put_problems(problems, folder / "x.problems.csv");
  EXPECT_EQ(read_problem_file(folder / "x.problems.csv"), problems);
}

TEST(Spec2ProblemFile, its_columns_are_subject_kind_and_problem) {
  const testing::TemporaryFolder folder;
  put_problems({{"a.nii", ProblemKind::duplicate_scan, "occurs twice"}}, folder / "x.csv");
  const std::string text = read_file(folder / "x.csv", 1000);
  EXPECT_THAT(text, ::testing::StartsWith("subject,kind,problem"));
  EXPECT_THAT(text, HasSubstr("a.nii,duplicate scan,occurs twice"));
}

TEST(Spec2ProblemFile, an_older_one_goes_when_there_are_no_problems) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path file = folder / "a.problems.csv";
  put_problems({{"a.nii", ProblemKind::geometry, "is bad"}}, file);
  EXPECT_TRUE(std::filesystem::exists(file));
  put_problems({}, file);
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_NO_THROW(put_problems({}, file));
}

TEST(Spec2ProblemFile, columns_are_found_by_their_names) {
  EXPECT_THAT(problems_in_text("kind,note,problem,subject\nsplit,x,nobody is in val,split01\n"),
              ElementsAre(Problem{"split01", ProblemKind::split, "nobody is in val"}));
}

TEST(Spec2ProblemFile, a_kind_that_is_missing_or_unknown_is_other) {
  const Problem other{"a.nii", ProblemKind::other, "is bad"};
  EXPECT_THAT(problems_in_text("subject,problem\na.nii,is bad\n"), ElementsAre(other));
  EXPECT_THAT(problems_in_text("subject,kind,problem\na.nii,weather,is bad\na.nii,,is bad\n"),
              ElementsAre(other, other));
}

TEST(Spec2ProblemFile, other_tables_are_refused) {
  EXPECT_THROW(problems_in_text("file,problem\na.nii,is bad\n"), BadInput);
  EXPECT_THROW(problems_in_text("subject,kind\na.nii,split\n"), BadInput);
  EXPECT_THAT(problems_in_text("subject,kind,problem\n"), IsEmpty());
}

TEST(Spec2ProblemFile, ones_own_problems_are_replaced_among_others) {
  const testing::TemporaryFolder folder;
  const Problem sample{"TJ_1_pre", ProblemKind::geometry, "is askew"},
      old{"split01", ProblemKind::split, "nobody is in val"},
      now{"split01", ProblemKind::split, "nobody is in test"};
  put_problems({sample, old}, folder / "x.problems.csv");
  put_problems_among_others({now}, folder / "x.problems.csv", "split01");
  EXPECT_THAT(read_problem_file(folder / "x.problems.csv"), ElementsAre(sample, now));
}

}  // namespace
}  // namespace nicohort
