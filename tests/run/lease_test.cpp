#include "run/lease.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <optional>
#include <set>

#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using ::testing::SizeIs;
using testing::TemporaryFolder;
using Mode = Lease::Mode;

// Time that passes only while somebody waits.
class FakeClock final : public LeaseClock {
 public:
  std::chrono::steady_clock::time_point now() override { return now_; }
  void wait(std::chrono::milliseconds time) override {
    now_ += time;
    if (while_waiting) while_waiting();
  }
  std::chrono::milliseconds passed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - begun_);
  }

  std::function<void()> while_waiting;

 private:
  const std::chrono::steady_clock::time_point begun_{};
  std::chrono::steady_clock::time_point now_{};
};

std::string lease_of_another_machine(int renewed, const char* mode = "alone") {
  return R"({"host":"far","machine":"another boot","process":1,"started":"7","since":"2001-01-01 00:00:00","mode":")" +
         std::string(mode) + R"(","renewed":)" + std::to_string(renewed) + "}\n";
}

TEST(Lease, TheSecondIsToldWho) {
  const TemporaryFolder folder;
  FakeClock clock;
  const Lease first(folder / "lease", Mode::alone, clock);
  for (const Mode mode : {Mode::alone, Mode::together})
    EXPECT_THAT(message_of<Lease::Busy>([&] { Lease(folder / "lease", mode, clock); }),
                HasSubstr("process " + std::to_string(::getpid()) + " on "));
  EXPECT_EQ(clock.passed(), 0ms) << "a process of this machine is known to live at once";
  EXPECT_THAT(folder.files(), SizeIs(1)) << "who withdraws leaves nothing";
}

TEST(Lease, ManyTogether) {
  const TemporaryFolder folder;
  FakeClock clock;
  std::optional<Lease> first, second;
  first.emplace(folder / "lease", Mode::together, clock);
  second.emplace(folder / "lease", Mode::together, clock);
  EXPECT_THROW(Lease(folder / "lease", Mode::alone, clock), Lease::Busy);
  first.reset();
  second.reset();
  EXPECT_FALSE(std::filesystem::exists(folder / "lease"));
  EXPECT_NO_THROW(Lease(folder / "lease", Mode::alone, clock));
}

TEST(Lease, ADeadProcessOfThisMachineIsTakenOverAtOnce) {
  const TemporaryFolder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    new Lease(folder / "lease", Mode::alone);
    ::kill(::getpid(), SIGKILL);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ASSERT_THAT(folder.files(), SizeIs(1));
  FakeClock clock;
  const Lease next(folder / "lease", Mode::alone, clock);
  EXPECT_EQ(clock.passed(), 0ms);
  EXPECT_THAT(folder.files(), SizeIs(1));
}

TEST(Lease, AnotherMachinesIsDeadIfItStaysTheSame) {
  const TemporaryFolder folder;
  folder.write("lease/1-far.lease", lease_of_another_machine(5));
  FakeClock clock;
  const Lease next(folder / "lease", Mode::alone, clock);
  EXPECT_GE(clock.passed(), lease_is_dead_after);
  EXPECT_FALSE(std::filesystem::exists(folder / "lease/1-far.lease"));
}

TEST(Lease, AnotherMachinesLivesIfItIsRenewedJustInTime) {
  const TemporaryFolder folder;
  folder.write("lease/1-far.lease", lease_of_another_machine(5));
  FakeClock clock;
  clock.while_waiting = [&] {
    if (clock.passed() == lease_is_dead_after - 1s)
      folder.write("lease/1-far.lease", lease_of_another_machine(6));
  };
  EXPECT_THAT(message_of<Lease::Busy>([&] { Lease(folder / "lease", Mode::alone, clock); }),
              HasSubstr("process 1 on far since 2001-01-01"));
  EXPECT_TRUE(std::filesystem::exists(folder / "lease/1-far.lease"));
}

TEST(Lease, OneThatExcludesNobodyIsNotWaitedFor) {
  const TemporaryFolder folder;
  folder.write("lease/1-far.lease", lease_of_another_machine(5, "together"));
  FakeClock clock;
  const Lease next(folder / "lease", Mode::together, clock);
  EXPECT_EQ(clock.passed(), 0ms);
}

TEST(Lease, WhoWaitsStaysAlive) {
  const TemporaryFolder folder;
  folder.write("lease/1-far.lease", lease_of_another_machine(5));
  FakeClock clock;
  std::set<std::string> seen;
  clock.while_waiting = [&] {
    for (const auto& file : std::filesystem::directory_iterator(folder / "lease"))
      if (file.path().filename() != "1-far.lease") seen.insert(testing::bytes_of(file.path()));
  };
  const Lease next(folder / "lease", Mode::alone, clock);
  EXPECT_GE(seen.size(), static_cast<std::size_t>(lease_is_dead_after / lease_is_renewed_every));
}

TEST(Lease, OneThatIsGoneMeanwhileIsFree) {
  const TemporaryFolder folder;
  folder.write("lease/1-far.lease", lease_of_another_machine(5));
  FakeClock clock;
  clock.while_waiting = [&] { std::filesystem::remove(folder / "lease/1-far.lease"); };
  EXPECT_NO_THROW(Lease(folder / "lease", Mode::alone, clock));
  EXPECT_LT(clock.passed(), 2s);
}

TEST(Lease, WhoWasTakenForDeadIsTold) {
  const TemporaryFolder folder;
  FakeClock clock;
  Lease lease(folder / "lease", Mode::alone, clock);
  EXPECT_TRUE(lease.renew());
  for (const auto& file : std::filesystem::directory_iterator(folder / "lease"))
    std::filesystem::remove(file.path());
  EXPECT_FALSE(lease.renew());
}

TEST(Lease, WhatIsNoLeaseIsWaitedForAndGoes) {
  const TemporaryFolder folder;
  folder.write("lease/x.lease", "garbage");
  FakeClock clock;
  const Lease next(folder / "lease", Mode::alone, clock);
  EXPECT_GE(clock.passed(), lease_is_dead_after);
}

TEST(Lease, FollowsNoLink) {
  const TemporaryFolder folder;
  const TemporaryFolder elsewhere;
  std::filesystem::create_directory_symlink(elsewhere.path(), folder / "lease");
  FakeClock clock;
  EXPECT_THROW(Lease(folder / "lease", Mode::alone, clock), BadInput);
  EXPECT_THAT(elsewhere.files(), IsEmpty());
}

}  // namespace
}  // namespace nicohort
