#include "base/parallel.hpp"

#include <gmock/gmock.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "base/each_index.hpp"
#include "base/heard.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

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
  Report report{nobody()};
  const auto results =
      map_items<int>("items", names(200), {GetParam()}, report, [](std::size_t i, ProblemSink&) {
        wait_a_little(i);
        return int(i) * 3;
      });
  ASSERT_EQ(results.size(), 200u);
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], int(i) * 3);
  EXPECT_TRUE(report.problems().empty());
}

TEST_P(Spec2DeterminismParallel, results_are_given_away_in_the_items_order_as_they_come) {
  testing::Heard heard;
  Report report(heard);
  std::vector<std::optional<int>> taken;
  fold_items<int>(
      "items", names(200), {GetParam(), heard}, report,
      [&](std::size_t i, ProblemSink&) {
        wait_a_little(i);
        if (i % 50 == 7) throw BadInput(ProblemKind::other, "is bad; mend it");
        return int(i) * 3;
      },
      [&](std::size_t i, std::optional<int> result) {
        EXPECT_EQ(i, taken.size());
        taken.push_back(result);
      });
  ASSERT_EQ(taken.size(), 200U);
  for (std::size_t i = 0; i < taken.size(); ++i)
    EXPECT_EQ(taken[i], i % 50 == 7 ? std::nullopt : std::optional(int(i) * 3));
  EXPECT_EQ(report.problems().size(), 4U);
}

// Else results that are given away in this order would wait for each other.
TEST(Parallel, items_are_begun_in_their_order) {
  std::atomic<std::size_t> begun = 0;
  std::vector<std::size_t> places(400);
  Report report{nobody()};
  for_each_item("items", names(places.size()), {2}, report, [&](std::size_t i, ProblemSink&) {
    places[i] = begun++;
    wait_a_little(i);
  });
  std::size_t elsewhere = 0;  // a thread may have to wait before it can begin with its item
  for (std::size_t i = 0; i < places.size(); ++i)
    elsewhere += std::max(places[i], i) - std::min(places[i], i) > 50;
  EXPECT_LT(elsewhere, 50U);
}

TEST_P(Spec2DeterminismParallel, problems_come_in_the_items_order) {
  testing::Heard heard;
  Report report(heard);
  for_each_item("items", names(60), {GetParam(), heard}, report,
                [](std::size_t i, ProblemSink& problems) {
                  wait_a_little(60 - i);
                  if (i % 20 == 5) problems.add(ProblemKind::other, "is odd; look");
                  if (i % 20 == 10) throw BadInput(ProblemKind::geometry, "is bad; mend it");
                  if (i % 20 == 15)
                    throw BadInput("file.nii", ProblemKind::incomplete, "is gone; bring it back");
                });
  std::vector<Problem> expected;
  for (int i : {0, 20, 40}) {
    expected.push_back({"item " + std::to_string(i + 5), ProblemKind::other, "is odd; look"});
    expected.push_back(
        {"item " + std::to_string(i + 10), ProblemKind::geometry, "is bad; mend it"});
    expected.push_back({"file.nii", ProblemKind::incomplete, "is gone; bring it back"});
  }
  EXPECT_EQ(report.problems(), expected);
  EXPECT_THAT(heard.problems, UnorderedElementsAreArray(expected));
}

TEST(Parallel, every_item_is_worked_on_once) {
  std::vector<std::atomic<int>> times(500);
  Report report{nobody()};
  for_each_item("items", names(500), {0}, report, [&](std::size_t i, ProblemSink&) { ++times[i]; });
  EXPECT_TRUE(std::all_of(times.begin(), times.end(), [](int n) { return n == 1; }));
}

// How many calls there are at a time.
class AtATime {
 public:
  void call() {
    const int running = ++now_;
    for (int seen = most_; seen < running && !most_.compare_exchange_weak(seen, running);) {
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    --now_;
  }
  int most() const { return most_; }

 private:
  std::atomic<int> now_ = 0, most_ = 0;
};

TEST(Parallel, no_more_items_at_a_time_than_jobs) {
  AtATime calls;
  Report report{nobody()};
  for_each_item("items", names(40), {2}, report, [&](std::size_t, ProblemSink&) { calls.call(); });
  EXPECT_LE(calls.most(), 2);
}

// As if the machine had eight cores.
void with_eight_cores(const std::function<void()>& work) {
  const tbb::global_control workers(tbb::global_control::max_allowed_parallelism, 8);
  tbb::task_arena(8).execute([&] { work(); });
}

TEST(Parallel, no_more_calls_within_items_than_jobs) {
  for (const int jobs : {1, 2, 3}) {
    AtATime calls;
    with_eight_cores([&] {
      Report report{nobody()};
      for_each_item("items", names(6), {jobs}, report, [&](std::size_t, ProblemSink&) {
        for_each_index(20, 0, [&](std::size_t) { calls.call(); });
      });
    });
    EXPECT_LE(calls.most(), jobs);
  }
}

TEST(Parallel, no_more_calls_of_a_command_than_jobs) {
  for (const int jobs : {1, 3}) {
    AtATime calls;
    with_eight_cores(
        [&] { at_most(jobs, [&] { for_each_index(60, 0, [&](std::size_t) { calls.call(); }); }); });
    EXPECT_LE(calls.most(), jobs);
  }
}

TEST(Parallel, threads_without_an_item_help_within_others) {
  AtATime calls;
  with_eight_cores([&] {
    Report report{nobody()};
    for_each_item("items", names(1), {3}, report, [&](std::size_t, ProblemSink&) {
      for_each_index(200, 0, [&](std::size_t) { calls.call(); });
    });
  });
  EXPECT_GT(calls.most(), 1);
}

TEST(Parallel, nothing_to_do_is_done) {
  Report report{nobody()};
  for_each_item("items", {}, {0}, report,
                [](std::size_t, ProblemSink&) { FAIL() << "there is no item"; });
}

TEST(Parallel, an_item_that_is_bad_input_has_no_result_and_the_others_have) {
  Report report{nobody()};
  const auto results =
      map_items<int>("items", names(3), {0}, report, [](std::size_t i, ProblemSink&) {
        if (i == 1) throw BadInput(ProblemKind::other, "is bad");
        return int(i);
      });
  EXPECT_THAT(results, ElementsAre(0, std::nullopt, 2));
}

TEST(Spec2ExitStatusParallel, a_failure_of_the_machine_stops_all) {
  Report report{nobody()};
  EXPECT_THROW(for_each_item("items", names(100), {0}, report,
                             [](std::size_t i, ProblemSink&) {
                               if (i == 3) throw MachineError("disk full");
                             }),
               MachineError);
}

TEST(Spec2ProblemsParallel, a_report_tells_what_is_added_and_keeps_it) {
  testing::Heard heard;
  Report report(heard);
  report.add("a", ProblemKind::geometry, "is bad; mend it");
  report.keep({{"b", ProblemKind::layout, "is told already"}});
  EXPECT_THAT(heard.problems, ElementsAre(Problem{"a", ProblemKind::geometry, "is bad; mend it"}));
  EXPECT_THAT(report.problems(), ElementsAre(Problem{"a", ProblemKind::geometry, "is bad; mend it"},
                                             Problem{"b", ProblemKind::layout, "is told already"}));
}

TEST(Spec2ProgressParallel, each_item_is_told_when_it_is_done) {
  testing::Heard heard;
  Report report(heard);
  for_each_item("items", names(30), {500, heard}, report, [](std::size_t, ProblemSink&) {});
  EXPECT_EQ(heard.advanced, 30u);
  EXPECT_THAT(heard.work, ElementsAre("30 items", "done"));
}

TEST(Spec2ProgressParallel, a_failure_of_the_machine_ends_the_progress) {
  testing::Heard heard;
  Report report(heard);
  EXPECT_THROW(for_each_item("items", names(3), {1, heard}, report,
                             [](std::size_t, ProblemSink&) { throw MachineError("disk full"); }),
               MachineError);
  EXPECT_THAT(heard.work, ElementsAre("3 items", "done"));
}

}  // namespace
}  // namespace nicohort
