// A writer that is not heard of for so long that its lock is broken, and then goes on: another
// command has the dataset, and what it made stays.
#include <gmock/gmock.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/problem.hpp"
#include "dataset/small_dataset.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using ::testing::Each;
namespace fs = std::filesystem;

// The first thread's calls are counted, and it sleeps before one of them.
class Sleeper {
 public:
  explicit Sleeper(int at) : at_(at) {}
  int operator()() {
    std::unique_lock lock(mutex_);
    if (std::this_thread::get_id() != thread_ || count_++ != at_) return 0;
    is_asleep_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_awake_; });
    return 0;
  }
  void begin() {
    const std::lock_guard lock(mutex_);
    thread_ = std::this_thread::get_id();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    is_over_ = true;
    changed_.notify_all();
  }
  // Whether it fell asleep, and did not come to its end.
  bool wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_asleep_ || is_over_; });
    return is_asleep_;
  }
  void wake() {
    const std::lock_guard lock(mutex_);
    is_awake_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::thread::id thread_;
  int at_, count_ = 0;
  bool is_asleep_ = false, is_awake_ = false, is_over_ = false;
};

bool has_token_folder(const fs::path& dataset) {
  std::error_code error;
  return !fs::is_empty(dataset / ".nicohort/commit", error) && !error;
}

Work second_work() {
  Work work = work_of(1, ids);
  work.from_archive = true;
  return work;
}

// The second command finds the first asleep before its call `at`, breaks its lock, and is at its
// own call `woken_at` when the first wakes up and goes on to its end. Gives whether the first came
// to call `at`.
bool try_one(const TemporaryFolder& first, int at, int woken_at, int& fenced) {
  const TemporaryFolder folder;
  const fs::path dataset = folder / "grouped";
  fs::copy(first / "grouped", dataset, fs::copy_options::recursive);
  Sleeper sleeper(at);
  std::string said;
  std::thread thread;
  const auto wake = [&] {
    sleeper.wake();
    if (thread.joinable()) thread.join();
  };
  int calls = -1;  // of the second
  const std::thread::id own = std::this_thread::get_id();
  const TestDisk disk([&](const TestDisk::Call&, int) {
    if (std::this_thread::get_id() != own) return sleeper();
    if (calls >= 0 && calls++ == woken_at) wake();
    return 0;
  });
  thread = std::thread([&] {
    sleeper.begin();
    said = message_of<std::exception>([&] { run(dataset, 3); });
    sleeper.end();
  });
  const bool sleeps = sleeper.wait();
  const bool holds = sleeps && has_token_folder(dataset);
  if (holds) {
    fs::remove(dataset / ".nicohort/lock");
    fs::remove_all(dataset / ".nicohort/lease");
    calls = 0;
    EXPECT_EQ(message_of<std::exception>([&] {
                Transaction second(dataset, second_work(), nobody());
                for (const std::string& id : ids) put(second, dataset, id, 1);
                wake();
                const auto work = read_unfinished(dataset);
                EXPECT_TRUE(work && work->is_same(second_work()));
                second.finish();
              }),
              "");
    EXPECT_THAT(versions(dataset), Each(1));
    fenced += !said.empty();
  }
  wake();
  return sleeps;
}

TEST(Fencing, who_lost_the_lock_does_no_harm) {
  const TemporaryFolder first;
  run(first / "grouped", 2);
  bool sleeps = true;
  int fenced = 0;
  const int step = is_long() ? 11 : 66;
  for (int at = 0; sleeps; ++at)
    for (int woken_at = at % step; sleeps && woken_at < 130; woken_at += step) {
      sleeps = try_one(first, at, woken_at, fenced);
      if (HasFailure()) FAIL() << "asleep at " << at << ", woken at " << woken_at;
    }
  EXPECT_GT(fenced, 2200 / step);
}

}  // namespace
}  // namespace nicohort
