#include "cli/console.hpp"

#include <gmock/gmock.h>

namespace nicohort {
namespace {

using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

// What a command says of everything, on stdout and stderr.
std::pair<std::string, std::string> said(bool quiet) {
  CaptureStdout();
  CaptureStderr();
  {
    Console console;
    console.quiet = quiet;
    console.start("samples", 2);
    console.advance();
    console.problem({"a.nii", ProblemKind::geometry, "is bad; mend it"});
    console.advance();
    console.stop();
    console.warning("the disk is slow");
    console.summary("2 samples.");
  }
  return {GetCapturedStdout(), GetCapturedStderr()};
}

TEST(Spec2ProblemsConsole, a_problem_is_one_line_whatever_the_file_is_called) {
  EXPECT_EQ(problem_line({"a\nb\x1b[31m.nii", ProblemKind::other, "is bad"}),
            "problem: a?b?[31m.nii: is bad");
  EXPECT_EQ(problem_line({"影像.nii.gz", ProblemKind::other, "is bad"}),
            "problem: 影像.nii.gz: is bad");
}

TEST(Spec2ResultConsole, the_summary_is_on_stdout_and_all_else_on_stderr) {
  const auto [summary, others] = said(false);
  EXPECT_EQ(summary, "2 samples.\n");
  EXPECT_EQ(others, "problem: a.nii: is bad; mend it\nwarning: the disk is slow\n");
}

TEST(Spec2ProgressConsole, quiet_silences_the_summary_and_no_problem_or_warning) {
  const auto [summary, others] = said(true);
  EXPECT_EQ(summary, "");
  EXPECT_EQ(others, "problem: a.nii: is bad; mend it\nwarning: the disk is slow\n");
}

}  // namespace
}  // namespace nicohort
