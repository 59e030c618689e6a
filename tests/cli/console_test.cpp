#include "cli/console.hpp"

#include <gmock/gmock.h>
#include <pty.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <thread>

namespace nicohort {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
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

TEST(Spec2ProblemsConsole, many_of_one_kind_are_counted_and_the_others_still_printed) {
  CaptureStderr();
  {
    Console console;
    std::vector<Problem> problems(25, {"a", ProblemKind::geometry, "is bad"});
    problems[1].subject = "b";
    problems[2].subject = "c";
    problems.push_back({"d", ProblemKind::metadata, "is missing"});
    for (const Problem& problem : problems) console.problem(problem);
    console.conclude(problems, "x.problems.csv");
  }
  const std::string said = GetCapturedStderr();
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 20 + 1 + 1);
  EXPECT_THAT(said, HasSubstr("problem: d: is missing\n"));
  EXPECT_THAT(said, EndsWith("problem: geometry: 25 in all, such as a, b, c; x.problems.csv lists "
                             "them\n"));
}

TEST(Spec2ProblemsConsole, what_was_not_printed_is_told_also_where_the_command_fails) {
  CaptureStderr();
  {
    Console console;
    for (int i = 0; i < 21; ++i) console.problem({"a", ProblemKind::geometry, "is bad"});
  }
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("problem: geometry: 21 in all, such as a; "));
}

// What is said of work that takes 250 ms, with a line every 50.
std::string said_in_a_log(bool advances) {
  CaptureStderr();
  {
    Console console(std::chrono::milliseconds(50));
    console.start("samples", 2);
    if (advances) console.advance();
    std::this_thread::sleep_for(std::chrono::milliseconds(250));
    if (advances) console.advance();
    console.stop();
    console.start("files", 1);  // over before a line is due
    console.advance();
    console.stop();
  }
  return GetCapturedStderr();
}

TEST(Spec2ProgressConsole, in_a_log_a_line_comes_from_time_to_time_and_one_at_the_end) {
  EXPECT_THAT(said_in_a_log(true),
              MatchesRegex("(1/2 samples, [0-9.]+/s, 0:00 left\n)+2/2 samples, in 0:00\n"));
  EXPECT_THAT(said_in_a_log(false), MatchesRegex("(0/2 samples, after 0:00\n)+")) << "it hangs";
}

// Standard error is a terminal as long as it lives.
class Terminal {
 public:
  Terminal() : usual_(::dup(STDERR_FILENO)) {
    int end = -1;
    if (::openpty(&screen_, &end, nullptr, nullptr, nullptr) != 0) std::abort();
    ::dup2(end, STDERR_FILENO);
    ::close(end);
  }
  ~Terminal() {
    leave();
    ::close(screen_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  // All that was written to it.
  std::string leave() {
    if (usual_ < 0) return "";
    ::dup2(usual_, STDERR_FILENO);
    ::close(usual_);
    usual_ = -1;
    std::string text;
    std::array<char, 4096> piece{};
    for (ssize_t got = 0; (got = ::read(screen_, piece.data(), piece.size())) > 0;)
      text.append(piece.data(), got);
    return text;
  }

 private:
  int usual_, screen_ = -1;
};

TEST(Spec2ProgressConsole, on_a_terminal_the_bar_is_as_full_as_work_is_done) {
  Terminal terminal;
  {
    Console console;
    console.start("samples", 3);
    console.advance();
    std::this_thread::sleep_for(std::chrono::milliseconds(110));  // so often it is drawn
    console.advance();
    console.warning("the disk is slow");
  }
  const std::string erase = "\r\x1b[2K", shown = terminal.leave();
  EXPECT_THAT(shown, HasSubstr(erase + "[####################..........] 2/3 samples, "));
  EXPECT_THAT(shown, HasSubstr(" left" + erase + "warning: the disk is slow\r\n"));
  EXPECT_THAT(shown, EndsWith(erase)) << "nothing is left of it";
}

}  // namespace
}  // namespace nicohort
