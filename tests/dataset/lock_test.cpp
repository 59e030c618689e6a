#include "dataset/lock.hpp"

#include <gmock/gmock.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"
#include "dataset/flock_reach.hpp"
#include "dataset/lease.hpp"
#include "dataset/test_disk.hpp"

namespace nicohort {
namespace {

using namespace testing;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Mode = DatasetLock::Mode;
namespace fs = std::filesystem;

const LeaseTimes quick{20ms, 300ms, 10ms};

std::string refused(const fs::path& dataset, Mode mode, const LockOptions& options = {quick, {}}) {
  return message_of<DatasetBusy>([&] { DatasetLock lock(dataset, mode, nobody(), options); });
}

// Each with what flock(2) is there: a good one, none, one that excludes nobody.
struct Flock {
  const char* name;
  int error;
  bool excludes;
};
class DatasetLocks : public ::testing::TestWithParam<Flock> {
 protected:
  int flock(const TestDisk::Call& call) const {
    return call.name == "flock" ? GetParam().error : 0;
  }
  class NoDisk : public TestDisk {
   public:
    explicit NoDisk(const Flock& flock)
        : TestDisk(
              [flock](const Call& call, int) { return call.name == "flock" ? flock.error : 0; }),
          excludes_(flock.excludes) {}
    int flock(int descriptor, int operation) override {
      return excludes_ ? TestDisk::flock(descriptor, operation) : 0;
    }

   private:
    bool excludes_;
  };
  NoDisk disk_{GetParam()};
  LockOptions options_{quick, GetParam().error == 0 && GetParam().excludes};
  TemporaryFolder folder_;
};

TEST_P(DatasetLocks, one_that_writes_excludes_all_and_is_named) {
  const DatasetLock lock(folder_.path(), Mode::alone, nobody(), options_);
  const std::string who = "process " + std::to_string(::getpid()) + " on ";
  for (const Mode mode : {Mode::alone, Mode::together})
    EXPECT_THAT(refused(folder_.path(), mode, options_), AllOf(HasSubstr(who), HasSubstr("since")));
}

TEST_P(DatasetLocks, readers_exclude_only_who_writes) {
  const DatasetLock one(folder_.path(), Mode::together, nobody(), options_);
  EXPECT_THAT(refused(folder_.path(), Mode::together, options_), IsEmpty());
  EXPECT_THAT(refused(folder_.path(), Mode::alone, options_),
              HasSubstr("another nicohort process is using"));
}

TEST_P(DatasetLocks, is_free_when_the_holder_has_let_go) {
  { const DatasetLock lock(folder_.path(), Mode::alone, nobody(), options_); }
  EXPECT_THAT(refused(folder_.path(), Mode::alone, options_), IsEmpty());
  EXPECT_THAT(folder_.files(), ::testing::ElementsAre(".nicohort/lock"));
}

TEST_P(DatasetLocks, a_dead_holder_of_this_machine_is_passed_at_once) {
  const pid_t child = ::fork();
  if (child == 0) {
    new DatasetLock(folder_.path(), Mode::alone, nobody(), options_);
    ::_exit(0);
  }
  ::waitpid(child, nullptr, 0);
  LockOptions patient = options_;
  patient.times.dead = 1h;
  EXPECT_THAT(refused(folder_.path(), Mode::alone, patient), IsEmpty());
}

TEST_P(DatasetLocks, a_holder_that_has_ended_is_passed_before_its_parent_knows) {
  const pid_t child = ::fork();
  if (child == 0) {
    new DatasetLock(folder_.path(), Mode::alone, nobody(), options_);
    ::_exit(0);
  }
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, child, &info, WEXITED | WNOWAIT), 0);
  EXPECT_THAT(refused(folder_.path(), Mode::alone, options_), IsEmpty());
  ::waitpid(child, nullptr, 0);
}

TEST_P(DatasetLocks, who_shares_lets_readers_in) {
  DatasetLock lock(folder_.path(), Mode::alone, nobody(), options_);
  lock.share();
  EXPECT_THAT(refused(folder_.path(), Mode::together, options_), IsEmpty());
  EXPECT_THAT(refused(folder_.path(), Mode::alone, options_),
              HasSubstr("another nicohort process is using"));
}

TEST_P(DatasetLocks, of_many_at_once_one_gets_it) {
  for (int round = 0; round < 5; ++round) {
    std::atomic<int> ready = 0, holding = 0, refusals = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back([&] {
        ++ready;
        while (ready < 4) std::this_thread::yield();
        try {
          const DatasetLock lock(folder_.path(), Mode::alone, nobody(), options_);
          EXPECT_EQ(++holding, 1);
          while (refusals < 3) std::this_thread::sleep_for(1ms);
        } catch (const DatasetBusy&) {
          ++refusals;
        }
      });
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(refusals, 3);
  }
}

INSTANTIATE_TEST_SUITE_P(WithFlock, DatasetLocks,
                         ::testing::Values(Flock{"sound", 0, true}, Flock{"ENOSYS", ENOSYS, true},
                                           Flock{"ENOLCK", ENOLCK, true},
                                           Flock{"EBADF", EBADF, true},
                                           Flock{"excludes_nobody", 0, false}),
                         [](const auto& flock) { return std::string(flock.param.name); });

// A lease of another machine, whose clock may say anything.
class OtherMachine : public ::testing::Test {
 protected:
  void beat() {
    const nlohmann::json lease{{"host", "node7"},
                               {"boot", "another"},
                               {"process", 12},
                               {"started", "1"},
                               {"since", "1999-12-31 23:59:59"},
                               {"mode", "alone"},
                               {"has_flock", false},
                               {"beats", ++beats_}};
    folder_.write("next", lease.dump());  // a lease is whole at any time
    const fs::path leases = folder_.path() / ".nicohort/lease";
    fs::create_directories(leases);
    fs::rename(folder_.path() / "next", leases / "node7-12-0");
  }
  TemporaryFolder folder_;
  int beats_ = 0;
};

TEST_F(OtherMachine, that_does_not_answer_is_dead_after_a_while) {
  beat();
  EXPECT_THAT(refused(folder_.path(), Mode::alone), IsEmpty());
  EXPECT_THAT(folder_.files(), ::testing::ElementsAre(".nicohort/lock"));
}

TEST_F(OtherMachine, that_answers_is_at_work) {
  beat();
  std::jthread thread([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      std::this_thread::sleep_for(30ms);
      beat();
    }
  });
  EXPECT_THAT(refused(folder_.path(), Mode::together),
              HasSubstr("process 12 on node7 since 1999-12-31 23:59:59"));
}

TEST_F(OtherMachine, is_told_to_be_at_work_only_if_its_counter_goes_on) {
  const fs::path leases = folder_.path() / ".nicohort/lease";
  beat();
  const LeaseTimes times{100ms, 1h, 10ms};
  EXPECT_THAT(living_holders(leases, times), IsEmpty());
  std::jthread thread([&](const std::stop_token& stop) {
    for (; !stop.stop_requested(); std::this_thread::sleep_for(30ms)) beat();
  });
  EXPECT_THAT(living_holders(leases, times), ::testing::SizeIs(1));
  const DatasetLock lock(folder_ / "other", Mode::together, nobody());
  EXPECT_THAT(living_holders(folder_ / "other/.nicohort/lease", {1h, 1h, 1h}), ::testing::SizeIs(1))
      << "of this machine it is known at once";
}

TEST(DatasetLock, goes_on_without_for_a_reader_who_may_not_write) {
  const TemporaryFolder folder;
  const TestDisk disk(
      [](const TestDisk::Call& call, int) { return call.name == "mkdir" ? EROFS : 0; });
  EXPECT_NO_THROW(DatasetLock(folder.path(), Mode::together, nobody()));
  EXPECT_THROW(DatasetLock(folder.path(), Mode::alone, nobody()), MachineError);
}

TEST(DatasetLock, follows_no_link) {
  const TemporaryFolder folder, other;
  folder.write(".nicohort/x", "");
  fs::create_symlink(other / "lock", folder / ".nicohort/lock");
  EXPECT_THROW(DatasetLock(folder.path(), Mode::alone, nobody()), MachineError);
  EXPECT_THAT(other.files(), IsEmpty());
}

TEST(FlockReach, knows_which_mounts_tell_other_machines) {
  EXPECT_TRUE(carries_flock("ext4", "rw"));
  EXPECT_TRUE(carries_flock("nfs4", "rw,vers=4.2,local_lock=none"));
  EXPECT_FALSE(carries_flock("nfs", "rw,nolock"));
  EXPECT_FALSE(carries_flock("nfs", "rw,local_lock=all"));
  EXPECT_FALSE(carries_flock("nfs4", "rw,local_lock=flock"));
  EXPECT_TRUE(carries_flock("nfs4", "rw,local_lock=posix"));
  EXPECT_TRUE(carries_flock("lustre", "rw,flock"));
  EXPECT_FALSE(carries_flock("lustre", "rw,localflock"));
  EXPECT_FALSE(carries_flock("fuse.sshfs", "rw"));
  EXPECT_FALSE(carries_flock("9p", "rw"));
}

}  // namespace
}  // namespace nicohort
