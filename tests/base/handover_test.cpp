#include "base/handover.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::IsEmpty;
using ::testing::Le;
using testing::message_of;
using ::testing::SizeIs;

using Error = std::runtime_error;
constexpr int never = 1'000'000;

void wait_a_little(int i) {
  std::this_thread::sleep_for(std::chrono::microseconds(i * 7919 % 300));
}

class ParallelPieces : public ::testing::TestWithParam<Threads> {
 protected:
  std::vector<int> used_;
  std::atomic<int> filled_ = 0;

  // Makes 0, 1, … and uses them; one of both fails at a number.
  void make(int count, int fill_fails_at = never, int use_fails_at = never) {
    fill_and_use<int>(
        GetParam(),
        [&](int& piece) {
          piece = filled_++;
          wait_a_little(piece);
          if (piece == fill_fails_at) throw Error("cannot be filled");
          return piece < count;
        },
        [&](int piece) {
          wait_a_little(piece + 1);
          if (fill_fails_at != never)  // pieces wait when it fails
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
          if (piece == use_fails_at) throw Error("cannot be used");
          used_.push_back(piece);
        });
  }
};
INSTANTIATE_TEST_SUITE_P(threads, ParallelPieces, ::testing::Values(Threads::one, Threads::more));

TEST_P(ParallelPieces, are_used_once_and_in_their_order) {
  make(0);
  EXPECT_THAT(used_, IsEmpty());
  filled_ = 0;
  make(200);
  ASSERT_THAT(used_, SizeIs(200));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(used_[i], i);
}

TEST_P(ParallelPieces, before_one_that_cannot_be_filled_are_used) {
  EXPECT_EQ(message_of<Error>([&] { make(200, 5); }), "cannot be filled");
  EXPECT_THAT(used_, ElementsAre(0, 1, 2, 3, 4));
}

TEST_P(ParallelPieces, after_one_that_cannot_be_used_are_not) {
  EXPECT_EQ(message_of<Error>([&] { make(never, never, 5); }), "cannot be used");
  EXPECT_THAT(used_, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(filled_, AllOf(Ge(6), Le(10)));  // no more than have a place
}

// With one thread, nobody would know of the second.
TEST_P(ParallelPieces, the_first_of_two_failures_is_told) {
  for (int after = 1; after < 4; ++after) {
    filled_ = 0;
    EXPECT_EQ(message_of<Error>([&] { make(200, 5 + after, 5); }), "cannot be used");
  }
}

TEST(ParallelBehind, all_has_been_worked_on_when_it_is_finished) {
  std::vector<int> done;
  Behind<int> behind([&](int piece) {
    wait_a_little(piece);
    done.push_back(piece);
  });
  for (int i = 0; i < 200; ++i) behind.put([&](int& piece) { piece = i; });
  behind.finish();
  ASSERT_THAT(done, SizeIs(200));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(done[i], i);
}

TEST(ParallelBehind, what_fails_comes_out_of_a_later_put) {
  Behind<int> behind([](int piece) {
    if (piece == 5) throw Error("no room");
  });
  int last = 0;
  const auto put = [&] {
    for (; last < 200; ++last) behind.put([&](int& piece) { piece = last; });
  };
  EXPECT_EQ(message_of<Error>(put), "no room");
  EXPECT_THAT(last, AllOf(Ge(6), Le(9)));
  EXPECT_EQ(message_of<Error>([&] { behind.put([](int&) {}); }), "no room");
  EXPECT_EQ(message_of<Error>([&] { behind.finish(); }), "no room");
}

TEST(ParallelBehind, what_fails_last_comes_out_of_finish) {
  Behind<int> behind([](int) {
    wait_a_little(1);
    throw Error("no room");
  });
  behind.put([](int& piece) { piece = 1; });
  EXPECT_EQ(message_of<Error>([&] { behind.finish(); }), "no room");
}

// As where the work on the image fails meanwhile.
TEST(ParallelBehind, what_waits_is_dropped_when_nobody_finishes_it) {
  std::atomic<int> begun = 0;
  {
    Behind<int> behind([&](int) {
      ++begun;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    });
    for (int i = 0; i < 3; ++i) behind.put([](int& piece) { piece = 1; });
  }
  EXPECT_LT(begun, 3);
}

}  // namespace
}  // namespace nicohort
