#include "base/parallel.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::GetCapturedStderr;

std::vector<std::string> names(std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back("item " + std::to_string(i));
  return all;
}

// Items that take unequal time end in any order.
void wait_a_little(std::size_t i) {
  std::this_thread::sleep_for(std::chrono::microseconds(i * 7919 % 300));
}

class Spec2DeterminismParallel : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(jobs, Spec2DeterminismParallel, ::testing::Values(0, 1, 2));

TEST_P(Spec2DeterminismParallel, results_come_in_the_items_order) {
  Report report;
  const auto results = map_items<int>("items", names(200), {GetParam(), true}, report,
                                      [](std::size_t i, ProblemSink&) {
                                        wait_a_little(i);
                                        return int(i) * 3;
                                      });
  ASSERT_EQ(results.size(), 200u);
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], int(i) * 3);
  EXPECT_TRUE(report.problems().empty());
}

TEST_P(Spec2DeterminismParallel, problems_come_in_the_items_order) {
  Report report;
  CaptureStderr();
  for_each_item("items", names(60), {GetParam(), true}, report,
                [](std::size_t i, ProblemSink& problems) {
                  wait_a_little(60 - i);
                  if (i % 20 == 5) problems.add("is odd; look");
                  if (i % 20 == 10) throw BadInput("is bad; mend it");
                  if (i % 20 == 15) throw BadInput("file.nii", "is gone; bring it back");
                });
  const std::string printed = GetCapturedStderr();
  std::vector<Problem> expected;
  for (int i : {0, 20, 40}) {
    expected.push_back({"item " + std::to_string(i + 5), "is odd; look"});
    expected.push_back({"item " + std::to_string(i + 10), "is bad; mend it"});
    expected.push_back({"file.nii", "is gone; bring it back"});
  }
  EXPECT_EQ(report.problems(), expected);
  EXPECT_EQ(std::count(printed.begin(), printed.end(), '\n'), 9);
  for (const Problem& problem : expected)
    EXPECT_THAT(printed, HasSubstr(problem_line(problem) + "\n"));
}

TEST(Parallel, every_item_is_worked_on_once) {
  std::vector<std::atomic<int>> times(500);
  Report report;
  for_each_item("items", names(500), {0, true}, report,
                [&](std::size_t i, ProblemSink&) { ++times[i]; });
  EXPECT_TRUE(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
}

TEST(Parallel, no_more_items_at_a_time_than_jobs) {
  std::atomic<int> now = 0, most = 0;
  Report report;
  for_each_item("items", names(40), {2, true}, report, [&](std::size_t, ProblemSink&) {
    const int running = ++now;
    for (int seen = most; seen < running && !most.compare_exchange_weak(seen, running);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --now;
  });
  EXPECT_LE(most, 2);
}

TEST(Parallel, nothing_to_do_is_done) {
  Report report;
  for_each_item("items", {}, {0, true}, report,
                [](std::size_t, ProblemSink&) { FAIL() << "there is no item"; });
}

TEST(Parallel, an_item_that_is_bad_input_has_no_result_and_the_others_have) {
  Report report;
  CaptureStderr();
  const auto results =
      map_items<int>("items", names(3), {0, true}, report, [](std::size_t i, ProblemSink&) {
        if (i == 1) throw BadInput("is bad");
        return int(i);
      });
  GetCapturedStderr();
  EXPECT_THAT(results, ElementsAre(0, std::nullopt, 2));
}

TEST(Spec2ExitStatusParallel, a_failure_of_the_machine_stops_all) {
  Report report;
  EXPECT_THROW(for_each_item("items", names(100), {0, true}, report,
                             [](std::size_t i, ProblemSink&) {
                               if (i == 3) throw MachineError("disk full");
                             }),
               MachineError);
}

TEST(Spec2ProblemsParallel, a_problem_is_one_line_whatever_the_file_is_called) {
  EXPECT_EQ(problem_line({"a\nb\x1b[31m.nii", "is bad"}), "problem: a?b?[31m.nii: is bad");
  EXPECT_EQ(problem_line({"影像.nii.gz", "is bad"}), "problem: 影像.nii.gz: is bad");
}

TEST(Spec2ProblemsParallel, a_report_prints_what_is_added_and_keeps_it) {
  Report report;
  CaptureStderr();
  report.add("a", "is bad; mend it");
  report.keep({{"b", "is printed already"}});
  EXPECT_EQ(GetCapturedStderr(), "problem: a: is bad; mend it\n");
  EXPECT_THAT(report.problems(),
              ElementsAre(Problem{"a", "is bad; mend it"}, Problem{"b", "is printed already"}));
}

TEST(Spec2ProgressParallel, more_jobs_than_cores_say_nothing_either) {
  Report report;
  CaptureStderr();
  for_each_item("items", names(30), {500, true}, report, [](std::size_t, ProblemSink&) {});
  EXPECT_EQ(GetCapturedStderr(), "");
}

TEST(Spec2ProgressParallel, quiet_says_problems_and_nothing_else) {
  Report report;
  CaptureStderr();
  for_each_item("items", names(30), {0, true}, report, [](std::size_t i, ProblemSink& problems) {
    if (i == 7) problems.add("is bad");
  });
  EXPECT_EQ(GetCapturedStderr(), "problem: item 7: is bad\n");
}

}  // namespace
}  // namespace nicohort
