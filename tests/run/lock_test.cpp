#include "run/lock.hpp"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>
#include <optional>

#include "base/problem.hpp"
#include "base/temporary_folder.hpp"

namespace nicohort {
namespace {

using ::testing::AllOf;
using testing::bytes_of;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::message_of;
using testing::TemporaryFolder;

// Runs `work` in a process that is then killed, with all that it holds.
void in_a_process_that_is_killed(const std::function<void()>& work) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    work();
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

TEST(RunLock, TheSecondIsToldWhoAndSinceWhen) {
  const TemporaryFolder folder;
  const RunLock first(folder / "state/lock");
  EXPECT_THAT(
      message_of<MachineError>([&] { RunLock second(folder / "state/lock"); }),
      AllOf(HasSubstr("process " + std::to_string(::getpid()) + " on "),
            ContainsRegex("since [0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}; wait")));
}

TEST(RunLock, IsFreeOnceItsHolderIsDone) {
  const TemporaryFolder folder;
  { const RunLock first(folder / "lock"); }
  EXPECT_THAT(bytes_of(folder / "lock"), IsEmpty());
  const RunLock second(folder / "lock");
  EXPECT_THAT(bytes_of(folder / "lock"), HasSubstr("process"));
}

TEST(RunLock, ADeadHolderDoesNotBlock) {
  const TemporaryFolder folder;
  const auto file = folder / "lock";
  in_a_process_that_is_killed([&] { new RunLock(file); });
  const std::string left = bytes_of(file);
  EXPECT_THAT(left, HasSubstr("process"))
      << "what the killed process said of itself is still there";
  const RunLock second(file);
  EXPECT_THAT(bytes_of(file), AllOf(HasSubstr(std::to_string(::getpid())), ::testing::Ne(left)));
}

TEST(RunLock, AFolderThatCannotBeMadeIsTheMachinesFailure) {
  const TemporaryFolder folder;
  folder.write("a", "a file, not a folder");
  EXPECT_THAT(message_of<MachineError>([&] { RunLock(folder / "a/lock"); }),
              HasSubstr("cannot make the folder"));
}

using Sharing = FolderLock::Sharing;

TEST(FolderLock, ARunIsThereAlone) {
  const TemporaryFolder folder;
  std::optional<FolderLock> run;
  run.emplace(folder / "grouped", Sharing::alone);
  for (const Sharing sharing : {Sharing::alone, Sharing::with_commands})
    EXPECT_THAT(message_of<MachineError>([&] { FolderLock(folder / "grouped", sharing); }),
                AllOf(HasSubstr("another nicohort (process " + std::to_string(::getpid()) +
                                ") is at work in"),
                      HasSubstr("grouped")));
  run.reset();
  const FolderLock command(folder / "grouped", Sharing::with_commands);
  EXPECT_THROW(FolderLock(folder / "grouped", Sharing::alone), MachineError);
}

TEST(FolderLock, CommandsMayBeSeveralAndFoldersAreApart) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "a");
  std::optional<FolderLock> first, second, other;
  first.emplace(folder / "a", Sharing::with_commands);
  second.emplace(folder / "a", Sharing::with_commands);
  other.emplace(folder / "b", Sharing::alone);
  first.reset();
  EXPECT_THROW(FolderLock(folder / "a", Sharing::alone), MachineError);
  second.reset();
  EXPECT_NO_THROW(FolderLock(folder / "a", Sharing::alone));
  other.reset();
  EXPECT_THAT(folder.files(), IsEmpty()) << "there is no dataset yet";
}

TEST(FolderLock, NoLinkIsFollowedAndNothingButAFileLocked) {
  const TemporaryFolder folder;
  const auto lock = folder / "grouped/.nicohort/lock", victim = folder.write("victim", "precious");
  std::filesystem::create_directories(lock.parent_path());
  std::filesystem::create_symlink(victim, lock);
  for (const Sharing sharing : {Sharing::alone, Sharing::with_commands})
    EXPECT_THROW(FolderLock(folder / "grouped", sharing), BadInput);
  EXPECT_THROW(RunLock{lock}, BadInput);
  EXPECT_EQ(bytes_of(victim), "precious");
  std::filesystem::remove(lock);
  std::filesystem::create_directory(lock);
  EXPECT_THROW(FolderLock(folder / "grouped", Sharing::alone), BadInput);
}

TEST(FolderLock, ADeadHolderDoesNotBlock) {
  const TemporaryFolder folder;
  const auto grouped = folder / "grouped";
  in_a_process_that_is_killed([&] { new FolderLock(grouped, Sharing::alone); });
  EXPECT_NO_THROW(FolderLock(grouped, Sharing::alone));
}

}  // namespace
}  // namespace nicohort
